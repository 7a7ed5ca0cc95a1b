# Completion of tidemark for bash. Commands and flags are what the program itself says with --help.

_tidemark()
{
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} program=${COMP_WORDS[0]}
	local command='' word words i
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $word != -* ]]; then
			command=$word
			break
		fi
	done
	COMPREPLY=()
	case $previous in
		--data-dir)
			mapfile -t COMPREPLY < <(compgen -d -- "$current")
			return
			;;
		--config | --credentials | --s3-endpoint-credentials | --s3-endpoint-ca)
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
			return
			;;
	esac
	if [[ -z $command && $current != -* ]]; then
		words=$("$program" --help 2>/dev/null | sed -n '/^Subcommands:/,$ { s/^\([a-z][a-z0-9-]*\)$/\1/p; s/^  \([a-z][a-z0-9-]*\)  .*/\1/p; }')
	elif [[ $current == -* ]]; then
		words=$("$program" ${command:+"$command"} --help 2>/dev/null | grep -oE -- '--[a-z][a-z0-9-]*' | sort -u)
	elif [[ $command == clock ]]; then
		words='advance set freeze unfreeze rate'
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _tidemark tidemark
