# Prints the words that zsh offers when Tab is pressed behind each line:
#   zsh -f capture-completion.zsh SCRIPT LINE...
script=$1
shift
setup=$(mktemp)
cat > $setup <<END
PROMPT=
unset zle_bracketed_paste
autoload -Uz compinit && compinit -u -D
bindkey '^I' complete-word
source ${(q)script}
END
cat >> $setup <<'END'
# Zsh forgets these functions when it has called them.
function finish {
  print -r -- LIST-DONE
  comppostfuncs=(finish)
}
comppostfuncs=(finish)
# Every word that is offered passes through compadd. With -O, -A or -D it only computes.
function compadd {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  typeset -a __hits
  builtin compadd -A __hits "$@"
  print -rl -- "OFFERED "${^__hits}
  builtin compadd "$@"
}
print SETUP-DONE
END
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "source $setup"
while zpty -r shell line; do [[ $line == *SETUP-DONE* ]] && break; done
for line in "$@"; do
  print LINE
  # Ctrl-U removes what the line before left.
  zpty -w -n shell $'\x15'"$line"$'\t'
  while zpty -r shell line; do
    [[ $line == *'OFFERED '* ]] && print -r -- "OFFERED ${${line#*OFFERED }%$'\r\n'}"
    [[ $line == *LIST-DONE* ]] && break
  done
done
zpty -d shell
rm -f $setup
