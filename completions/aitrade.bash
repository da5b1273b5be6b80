# bash completion of aitrade; written by `aitrade completion bash`, do not edit
_aitrade() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  local path="" words="" options="" takes_value="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path:${COMP_WORDS[i]}" in
      ":run"|":status"|":pause"|":resume"|":close-all"|":kill"|":reconcile"|":why"|":indicators"|":backtest"|":tune"|":report"|":replay"|":parity"|":audit"|":health"|":doctor"|":init"|":config"|":db"|":export"|":import"|":data"|":vault"|":sim"|":schema"|":completion"|":man"|":version"|"audit:causality"|"config:check"|"config:show"|"config:schema"|"config:example"|"config:reference"|"db:check"|"db:migrate"|"export:trades"|"export:fills"|"export:orders"|"export:equity"|"export:candles"|"data:ls"|"data:check"|"data:cat"|"data:rm"|"vault:init"|"vault:rotate"|"vault:set"|"vault:get"|"vault:list"|"vault:rm"|"vault:import-env"|"vault:export"|"vault:check") path="${path:+$path }${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path:$prev" in
    *:--home) takes_value=1; words="" ;;
    *:--config) takes_value=1; words="" ;;
    *:--set) takes_value=1; words="" ;;
    *:--color) takes_value=1; words="auto always never" ;;
    *:--format) takes_value=1; words="table csv ndjson json" ;;
    "run:--tape") takes_value=1; words="" ;;
    "run:--speed") takes_value=1; words="" ;;
    "run:--seed") takes_value=1; words="" ;;
    "run:--strategy") takes_value=1; words="" ;;
    "run:--vault-pass-fd") takes_value=1; words="" ;;
    "status:--url") takes_value=1; words="" ;;
    "pause:--reason") takes_value=1; words="" ;;
    "resume:--reason") takes_value=1; words="" ;;
    "close-all:--reason") takes_value=1; words="" ;;
    "close-all:--wait") takes_value=1; words="" ;;
    "kill:--reason") takes_value=1; words="" ;;
    "kill:--wait") takes_value=1; words="" ;;
    "reconcile:--adopt") takes_value=1; words="" ;;
    "reconcile:--vault-pass-fd") takes_value=1; words="" ;;
    "why:--pair") takes_value=1; words="" ;;
    "why:--run") takes_value=1; words="" ;;
    "indicators:--pair") takes_value=1; words="" ;;
    "indicators:--tf") takes_value=1; words="" ;;
    "indicators:--venue") takes_value=1; words="" ;;
    "indicators:--from") takes_value=1; words="" ;;
    "indicators:--to") takes_value=1; words="" ;;
    "backtest:--pair") takes_value=1; words="" ;;
    "backtest:--tf") takes_value=1; words="" ;;
    "backtest:--venue") takes_value=1; words="" ;;
    "backtest:--from") takes_value=1; words="" ;;
    "backtest:--to") takes_value=1; words="" ;;
    "backtest:--strategy") takes_value=1; words="" ;;
    "backtest:--signals") takes_value=1; words="" ;;
    "backtest:--signal-time") takes_value=1; words="close open" ;;
    "backtest:--detail") takes_value=1; words="" ;;
    "backtest:--timeframes") takes_value=1; words="" ;;
    "backtest:--seed") takes_value=1; words="" ;;
    "backtest:--monte-carlo") takes_value=1; words="" ;;
    "backtest:--random-entry") takes_value=1; words="" ;;
    "backtest:--style") takes_value=1; words="aitrade freqtrade" ;;
    "tune:--data") takes_value=1; words="" ;;
    "tune:--pair") takes_value=1; words="" ;;
    "tune:--tf") takes_value=1; words="" ;;
    "tune:--venue") takes_value=1; words="" ;;
    "tune:--from") takes_value=1; words="" ;;
    "tune:--to") takes_value=1; words="" ;;
    "tune:--method") takes_value=1; words="grid random tpe" ;;
    "tune:--trials") takes_value=1; words="" ;;
    "tune:--params") takes_value=1; words="" ;;
    "tune:--objective") takes_value=1; words="sharpe sortino calmar net expectancy_r profit_factor" ;;
    "tune:--threads") takes_value=1; words="" ;;
    "tune:--seed") takes_value=1; words="" ;;
    "tune:--resume") takes_value=1; words="" ;;
    "tune:--shard") takes_value=1; words="" ;;
    "tune:--out") takes_value=1; words="" ;;
    "tune:--min-trades") takes_value=1; words="" ;;
    "report:--compare") takes_value=1; words="" ;;
    "report:-o"|"report:--output") takes_value=1; words="" ;;
    "audit causality:--pair") takes_value=1; words="" ;;
    "audit causality:--tf") takes_value=1; words="" ;;
    "audit causality:--venue") takes_value=1; words="" ;;
    "audit causality:--from") takes_value=1; words="" ;;
    "audit causality:--to") takes_value=1; words="" ;;
    "audit causality:--strategy") takes_value=1; words="" ;;
    "audit causality:--timeframes") takes_value=1; words="" ;;
    "audit causality:--cuts") takes_value=1; words="" ;;
    "audit causality:--seed") takes_value=1; words="" ;;
    "audit causality:--threads") takes_value=1; words="" ;;
    "health:--max-age") takes_value=1; words="" ;;
    "health:--label") takes_value=1; words="" ;;
    "health:--url") takes_value=1; words="" ;;
    "doctor:--vault-pass-fd") takes_value=1; words="" ;;
    "export trades:--tenant") takes_value=1; words="" ;;
    "export fills:--tenant") takes_value=1; words="" ;;
    "export orders:--tenant") takes_value=1; words="" ;;
    "export equity:--tenant") takes_value=1; words="" ;;
    "export candles:--tf") takes_value=1; words="" ;;
    "export candles:--venue") takes_value=1; words="" ;;
    "export candles:--from") takes_value=1; words="" ;;
    "export candles:--to") takes_value=1; words="" ;;
    "import:--pair") takes_value=1; words="" ;;
    "import:--tf") takes_value=1; words="" ;;
    "import:--venue") takes_value=1; words="" ;;
    "import:--map") takes_value=1; words="" ;;
    "import:--duplicates") takes_value=1; words="refuse keep-larger-volume" ;;
    "data check:--tf") takes_value=1; words="" ;;
    "data check:--venue") takes_value=1; words="" ;;
    "data check:--from") takes_value=1; words="" ;;
    "data check:--to") takes_value=1; words="" ;;
    "data check:--outlier-threshold") takes_value=1; words="" ;;
    "data cat:--tf") takes_value=1; words="" ;;
    "data cat:--venue") takes_value=1; words="" ;;
    "data cat:--from") takes_value=1; words="" ;;
    "data cat:--to") takes_value=1; words="" ;;
    "data rm:--tf") takes_value=1; words="" ;;
    "data rm:--venue") takes_value=1; words="" ;;
    "data rm:--from") takes_value=1; words="" ;;
    "data rm:--to") takes_value=1; words="" ;;
    "vault init:--kdf") takes_value=1; words="default small" ;;
    "vault init:--out") takes_value=1; words="" ;;
    "vault init:--vault-pass-fd") takes_value=1; words="" ;;
    "vault rotate:--kdf") takes_value=1; words="default small" ;;
    "vault rotate:--new-pass-fd") takes_value=1; words="" ;;
    "vault rotate:--new-pass-file") takes_value=1; words="" ;;
    "vault rotate:--vault-pass-fd") takes_value=1; words="" ;;
    "vault set:--from-file") takes_value=1; words="" ;;
    "vault set:--note") takes_value=1; words="" ;;
    "vault set:--vault-pass-fd") takes_value=1; words="" ;;
    "vault get:--out") takes_value=1; words="" ;;
    "vault get:--vault-pass-fd") takes_value=1; words="" ;;
    "vault list:--vault-pass-fd") takes_value=1; words="" ;;
    "vault rm:--vault-pass-fd") takes_value=1; words="" ;;
    "vault import-env:--only") takes_value=1; words="" ;;
    "vault import-env:--vault-pass-fd") takes_value=1; words="" ;;
    "vault export:--names") takes_value=1; words="" ;;
    "vault export:--out") takes_value=1; words="" ;;
    "vault export:--vault-pass-fd") takes_value=1; words="" ;;
    "vault check:--vault-pass-fd") takes_value=1; words="" ;;
    "sim:--dialect") takes_value=1; words="" ;;
    "sim:--tape") takes_value=1; words="" ;;
    "sim:--synthetic") takes_value=1; words="" ;;
    "sim:--pairs") takes_value=1; words="" ;;
    "sim:--speed") takes_value=1; words="" ;;
    "sim:--port") takes_value=1; words="" ;;
    "sim:--start") takes_value=1; words="" ;;
    "sim:--faults") takes_value=1; words="" ;;
    "sim:--deposit") takes_value=1; words="" ;;
    "sim:--maker-fee") takes_value=1; words="" ;;
    "sim:--taker-fee") takes_value=1; words="" ;;
    "sim:--rate-tier") takes_value=1; words="" ;;
    "sim:--key") takes_value=1; words="" ;;
    "sim:--secret-file") takes_value=1; words="" ;;
  esac
  if [[ -n $takes_value ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return
  fi
  case "$path" in
    "") words="run status pause resume close-all kill reconcile why indicators backtest tune report replay parity audit health doctor init config db export import data vault sim schema completion man version"; options="" ;;
    "run") words=""; options="--demo --tape --speed --seed --strategy --paused --live --vault-pass-fd --allow-rollback" ;;
    "status") words=""; options="--url" ;;
    "pause") words=""; options="--reason --dry-run" ;;
    "resume") words=""; options="--reason --clear-halt --dry-run" ;;
    "close-all") words=""; options="--reason --wait --dry-run" ;;
    "kill") words=""; options="--reason --wait --dry-run" ;;
    "reconcile") words=""; options="--adopt --vault-pass-fd --allow-rollback" ;;
    "why") words=""; options="--pair --run --demo" ;;
    "indicators") words=""; options="--pair --tf --venue --from --to" ;;
    "backtest") words=""; options="--pair --tf --venue --from --to --strategy --signals --signal-time --detail --no-detail --timeframes --seed --why-not --trades --equity --allow-shorts --sensitivity --no-sensitivity --monte-carlo --random-entry --style" ;;
    "tune") words=""; options="--data --pair --tf --venue --from --to --method --trials --params --objective --threads --seed --resume --shard --out --min-trades --allow-shorts" ;;
    "report") words=""; options="--compare --html -o --output" ;;
    "replay") words=""; options="" ;;
    "parity") words=""; options="" ;;
    "audit") words="causality"; options="" ;;
    "audit causality") words=""; options="--pair --tf --venue --from --to --strategy --timeframes --cuts --seed --threads" ;;
    "health") words=""; options="--max-age --label --url" ;;
    "doctor") words=""; options="--live --strict --offline --vault-pass-fd --allow-rollback" ;;
    "init") words=""; options="--force --dry-run" ;;
    "config") words="check show schema example reference"; options="" ;;
    "config check") words=""; options="" ;;
    "config show") words=""; options="--origin" ;;
    "config schema") words=""; options="" ;;
    "config example") words=""; options="--commented" ;;
    "config reference") words=""; options="" ;;
    "db") words="check migrate"; options="" ;;
    "db check") words=""; options="" ;;
    "db migrate") words=""; options="" ;;
    "export") words="trades fills orders equity candles"; options="" ;;
    "export trades") words=""; options="--tenant --demo" ;;
    "export fills") words=""; options="--tenant --demo" ;;
    "export orders") words=""; options="--tenant --demo" ;;
    "export equity") words=""; options="--tenant --demo" ;;
    "export candles") words=""; options="--tf --venue --from --to" ;;
    "import") words=""; options="--pair --tf --venue --map --duplicates --explain --dry-run" ;;
    "data") words="ls check cat rm"; options="" ;;
    "data ls") words=""; options="" ;;
    "data check") words=""; options="--tf --venue --from --to --outlier-threshold" ;;
    "data cat") words=""; options="--tf --venue --from --to" ;;
    "data rm") words=""; options="--tf --venue --from --to --dry-run" ;;
    "vault") words="init rotate set get list rm import-env export check"; options="" ;;
    "vault init") words=""; options="--kdf --generate --out --force --dry-run --vault-pass-fd --allow-rollback" ;;
    "vault rotate") words=""; options="--kdf --new-pass-fd --new-pass-file --force --keep-old --dry-run --vault-pass-fd --allow-rollback" ;;
    "vault set") words=""; options="--from-file --note --dry-run --vault-pass-fd --allow-rollback" ;;
    "vault get") words=""; options="--reveal --out --vault-pass-fd --allow-rollback" ;;
    "vault list") words=""; options="--vault-pass-fd --allow-rollback" ;;
    "vault rm") words=""; options="--dry-run --vault-pass-fd --allow-rollback" ;;
    "vault import-env") words=""; options="--only --shred --dry-run --vault-pass-fd --allow-rollback" ;;
    "vault export") words=""; options="--names --out --vault-pass-fd --allow-rollback" ;;
    "vault check") words=""; options="--vault-pass-fd --allow-rollback" ;;
    "sim") words=""; options="--dialect --tape --synthetic --pairs --speed --port --start --exit-at-end --run-at-once --faults --deposit --maker-fee --taker-fee --rate-tier --key --secret-file --lenient-nonce --manual-clock" ;;
    "schema") words=""; options="" ;;
    "completion") words="bash zsh fish"; options="" ;;
    "man") words=""; options="" ;;
    "version") words=""; options="" ;;
  esac
  if [[ $cur == -* ]]; then words="$options -h --help --version --home --config --set -q --quiet -v --verbose --color --json --format --yes"; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o bashdefault -o default -F _aitrade aitrade
