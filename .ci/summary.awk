# Reads `go test -v` and shows one line for each package, what the failed tests
# wrote, and every skipped test with its reason. Exits with 1 if a test was
# skipped for a reason that is not in the list below: a missing server, model or
# test kit makes a run worthless without anyone noticing.

function allowed(reason) {
	return reason ~ /only root runs Postgres/ \
		|| reason ~ /time is not deterministic/ \
		|| reason ~ /short mode/
}

# forget begins the next package.
function forget() {
	n = 0
	current = ""
	crashed = 0
	split("", reason)
	split("", isfailed)
	fflush()
}

# concerns says whether a line was written by a failed test.
function concerns(i) {
	return owner[i] == "" || owner[i] in isfailed || crashed && i >= crashed
}

{ lines[++n] = $0 }

/^=== (RUN|CONT|NAME|PAUSE)/ { current = $3; n--; next }

{ owner[n] = current }

/^(panic:|fatal error:|WARNING: DATA RACE)/ && !crashed { crashed = n }

/^ *--- FAIL: / { isfailed[$3] = 1; owner[n] = $3; anyfailed = 1; next }

/^ *--- PASS: / { n--; next }

/^ *--- SKIP: / {
	name = $3
	n--
	if (allowed(reason[name])) {
		print "skipped: " name " (" reason[name] ")"
	} else {
		bad[++nbad] = name " (" reason[name] ")"
	}
	next
}

/^    / && current != "" { reason[current] = $0; sub(/^ +/, "", reason[current]) }

/^(ok|\?) *\t/ { print; ok++; forget(); next }

/^\t.*coverage: / { ok++; forget(); next }

/^FAIL\t/ {
	for (i = 1; i < n; i++)
		if (!anyfailed || concerns(i))
			print lines[i]
	print
	failed++
	anyfailed = 0
	forget()
	next
}

END {
	for (i = 1; i <= n; i++) print lines[i]
	for (i = 1; i <= nbad; i++) print "FAIL: skipped: " bad[i]
	printf "%d packages ok, %d failed, %d tests skipped that must run\n", ok, failed, nbad
	exit nbad > 0 || failed > 0 || ok == 0
}
