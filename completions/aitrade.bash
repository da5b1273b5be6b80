# bash completion of aitrade; written by `aitrade completion bash`, do not edit
_aitrade() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  local path="" words="" options="" takes_value="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path:${COMP_WORDS[i]}" in
      ":completion"|":man"|":version") path="${path:+$path }${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path:$prev" in
    *:--home) takes_value=1; words="" ;;
    *:--config) takes_value=1; words="" ;;
    *:--set) takes_value=1; words="" ;;
    *:--color) takes_value=1; words="auto always never" ;;
    *:--format) takes_value=1; words="table csv ndjson json" ;;
  esac
  if [[ -n $takes_value ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return
  fi
  case "$path" in
    "") words="completion man version"; options="" ;;
    "completion") words="bash zsh fish"; options="" ;;
    "man") words=""; options="" ;;
    "version") words=""; options="" ;;
  esac
  if [[ $cur == -* ]]; then words="$options -h --help --version --home --config --set -q --quiet -v --verbose --color --json --format --yes"; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o bashdefault -o default -F _aitrade aitrade
