# Reads which sessions have begun (+) and ended (-), the mark of all their processes (m), and the limit of those that
# have nothing to do with them (u). When the writer is gone, however it went, what is left of the sessions is killed,
# and then what has the mark.
# Built-in commands must do: nothing else may be there at that moment. Only numbers above 1 count: to kill -1 would be to
# kill every process of the user.
trap '' HUP INT QUIT TERM USR1 USR2 PIPE TSTP TTIN TTOU
s=' ' m= u=
while read -r l; do
  case $l in
    [+m]|[+m]*[!0-9]*|[+m]0*|+1) ;;
    +*) s="$s${l#+} " ;;
    -*) n=" ${l#-} "; case $s in *"$n"*) s="${s%%"$n"*} ${s#*"$n"}" ;; esac ;;
    m*) m=${l#m} ;;
    u*) u=${l#u} ;;
    q) exit 0 ;;
  esac
done
for p in $s; do kill -s KILL -- "-$p" 2>/dev/null; done
# In the table of another PID namespace these numbers belong to strangers.
[ -d /proc/self ] || s=' ' m=
read -r t 2>/dev/null </proc/self/stat && [ "${t%% *}" != $$ ] && s=' ' m=
i=0
while [ "$s" != ' ' ] && [ $i -lt 50 ]; do
  i=$((i+1)) f=
  for d in /proc/[0-9]*; do
    t=
    # A process that is there but cannot be read (no descriptor is left on the whole system) is looked at again, and
    # so is a list that cannot be read.
    read -r t 2>/dev/null <"$d/stat" || { [ ! -d "$d" ] && [ "$d" != '/proc/[0-9]*' ]; } || f=1
    set -- ${t##*) }
    case $1 in Z|X|'') continue ;; esac
    case $s in *" $4 "*) f=1; kill -s KILL "${d#/proc/}" 2>/dev/null ;; esac
  done
  [ -n "$f" ] || break
done
[ -n "$m" ] || exit 0
# The soft limit of file locks of a process, in $r.
limit() {
  r=
  while read -r t; do
    case $t in 'Max file locks'*) set -- ${t#Max file locks}; r=$1; return ;; esac
  done 2>/dev/null <"/proc/$1/limits"
}
# Kills a process that has the mark in its limit, or in its environment if another workspace has set the limit.
look() {
  [ "$1" != $$ ] || return
  limit "$1"
  if [ "$r" != "$m" ]; then
    [ "$r" != "$u" ] || return
    while read -r t || [ -n "$t" ]; do
      case $t in *LOOPWIRE_TRACKING_ID=*"$m"*) r=$m; break ;; esac
    done 2>/dev/null <"/proc/$1/environ"
    [ "$r" = "$m" ] || return
  fi
  read -r t 2>/dev/null <"/proc/$1/stat" || return
  case ${t##*) } in [ZX]*) return ;; esac
  kill -s KILL "$1" 2>/dev/null && f=1
}
all() { for d in /proc/[0-9]*; do look "${d#/proc/}"; done; }
i=0
while [ $i -lt 50 ]; do
  i=$((i+1)) f= k=0
  read -r t 2>/dev/null </proc/loadavg && n=${t##* } || n=
  # The shell reads byte by byte, so grep says whom to look at. Without grep all are looked at, and so they are if no
  # process can be started, which ends some shells.
  trap all EXIT
  c=$(grep -l "$m" /proc/[0-9]*/limits /proc/[0-9]*/environ 2>/dev/null)
  r=$?
  trap - EXIT
  if [ $r -gt 2 ]; then all; else for d in $c; do d=${d#/proc/}; look "${d%/*}"; done; fi
  # A process that starts its successor and ends is met only so: the next numbers are those of newer processes.
  # Those that have ended have no program any more.
  while [ -n "$n" ] && read -r t 2>/dev/null </proc/loadavg && e=${t##* } && [ "$n" -lt "$e" ]; do
    while [ "$n" -lt "$e" ] && n=$((n+1)) && [ ! -e "/proc/$n/exe" ]; do :; done
    look "$n"
    k=$((k+1))
    [ $k -lt 1000 ] || { f=1; break; }
  done
  [ -n "$f" ] || break
done
