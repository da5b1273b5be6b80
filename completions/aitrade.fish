# fish completion of aitrade; written by `aitrade completion fish`, do not edit
function __aitrade_at --description 'true when the words so far name this command'
  set -l path ''
  for word in (commandline -opc)[2..-1]
    switch "$path:$word"
      case ':completion' ':man' ':version'
        set path (string trim -- "$path $word")
    end
  end
  test "$path" = "$argv[1]"
end
complete -c aitrade -n '__aitrade_at \'\'' -f -a 'completion' -d 'print shell completions'
complete -c aitrade -n '__aitrade_at \'\'' -f -a 'man' -d 'print the manual page (roff)'
complete -c aitrade -n '__aitrade_at \'\'' -f -a 'version' -d 'print version, build, compiler and supported platforms'
complete -c aitrade -s h -l help -d 'print help: aitrade COMMAND --help'
complete -c aitrade -l version -d 'print version, build and supported platforms'
complete -c aitrade -l home -r -d 'keep config, data, state, cache and runtime files under one directory'
complete -c aitrade -l config -r -d 'read this configuration file too; may repeat'
complete -c aitrade -l set -r -d 'set one key: section.key=value; may repeat'
complete -c aitrade -s q -l quiet -d 'errors only on stderr'
complete -c aitrade -s v -l verbose -d 'more on stderr; -vv for all'
complete -c aitrade -l color -x -a 'auto always never' -d 'colour: auto, always or never'
complete -c aitrade -l json -d 'short for --format json; errors become JSON on stderr'
complete -c aitrade -l format -x -a 'table csv ndjson json' -d 'how records are printed'
complete -c aitrade -l yes -d 'answer yes to questions'
complete -c aitrade -n '__aitrade_at \'completion\'' -f -a 'bash zsh fish'
