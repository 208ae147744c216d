#!/bin/sh
# git and ssh run this to ask for a user name, a password, a passphrase, or whether a host key is right: "$1" is the
# question. It asks the process that made it, over pipes in its own directory, and prints the answer.
#
# The answer is never in a variable of the shell: a printf that is no builtin would show it in the process list.
umask 077
directory=${0%/*}
mine=$directory/$$
# "none": nothing is asked, ssh only says that it waits for a key to be touched.
[ "${SSH_ASKPASS_PROMPT:-}" = none ] && exit 0
rm -f "$mine" "$mine.question"
mkfifo "$mine" || exit 1
printf '%s %s\n%s' "$PPID" "${SSH_ASKPASS_PROMPT:-}" "$1" >"$mine.question" || exit 1
# Opened before the question is asked: whoever answers sees by it whether somebody still waits.
exec 3<>"$mine" || exit 1
# A number this short is written as a whole.
echo "$$" >"$directory/ask" || exit 1
verdict=no
IFS= read -r verdict <&3
[ "$verdict" = yes ] || exit 1
head -n 1 <&3
