# Where jobs are, as place.hpp says.

# Within this account and these borders a process id means one process.
uid=$(id -u)
first_word /etc/machine-id
machine=${word:-host:$(uname -n)}
first_word /proc/sys/kernel/random/boot_id
this_boot=${word:--}
this_pids=$(readlink /proc/self/ns/pid 2>/dev/null) || this_pids=-

# shellcheck disable=SC2046 # words: mode, links, owner
owner_of() { set -- $(ls -ldn "$1" 2>/dev/null); mode=${1:-?} owner=${3:-?}; }

# Nobody else may write there, but where each may only remove what is his own.
check_folder() {
  [ -d "$1" ] && [ ! -h "$1" ] || give_up "$1 is no folder"
  owner_of "$1"
  [ "$owner" = "$uid" ] || [ "$owner" = 0 ] || [ "$owner" = "${SUDO_UID:-$uid}" ] ||
    give_up "$1 belongs to the account $owner, and what others wrote is not trusted"
  case $mode in
    ?????????[tT]*) [ "$owner" = 0 ] && return ;;
  esac
  case $mode in
    ?????w*|????????w*) give_up "$1 can be written by others (\`chmod go-w $1\` fixes it)" ;;
  esac
}

find_base() {
  shared=/var/lib/pvsplan
  base=$jobs
  claims=$jobs/.claim-
  more_claims=
  [ -z "$base" ] || return
  if [ "$uid" = 0 ]; then
    [ -d $shared ] || { mkdir -p $shared && chmod 755 $shared; } 2>/dev/null
    [ -d $shared/claims ] || { mkdir $shared/claims && chmod 755 $shared/claims; } 2>/dev/null
    [ -d $shared/jobs ] || mkdir $shared/jobs 2>/dev/null
    [ ! -d $shared/jobs ] || base=$shared/jobs
  elif [ -d $shared/jobs ] && [ -w $shared/jobs ]; then
    base=$shared/jobs
  fi
  claims=$shared/claims/
  more_claims=/run/lock/pvsplan-
  if [ -z "$base" ]; then
    account=$(id -un)
    case $account in ''|*[!a-zA-Z0-9._-]*) home= ;; *) eval "home=~$account" ;; esac
    case $home in
      /*) [ -d "$home" ] || home= ;;
      *) home= ;;
    esac
    [ -n "$home" ] || give_up "the account $account has no home folder for its jobs"
    base=$home/.pvsplan/jobs
  fi
}

find_place() {
  find_base
  mkdir -p "$base" 2>/dev/null || give_up "the folder $base cannot be made"
  check_folder "$base"
  if [ ! -s "$base/.place" ]; then
    first_word /proc/sys/kernel/random/uuid
    echo "${word:-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')}" >"$base/.place.$$" &&
      { ln "$base/.place.$$" "$base/.place" 2>/dev/null; rm -f "$base/.place.$$"; }
  fi
  first_word "$base/.place"
  [ -n "$word" ] || give_up "$base/.place cannot be written"
  here="$word uid=$uid machine=$machine folder=$base"
  say "place $here"
}
