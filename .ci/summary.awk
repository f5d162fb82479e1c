# Reads `go test -v` and shows one line for each package, everything of those
# that failed, and every skipped test with its reason. Exits with 1 if a test was
# skipped for a reason that is not in the list below: a missing server, model or
# test kit makes a run worthless without anyone noticing.

function allowed(reason) {
	return reason ~ /only root runs Postgres/ \
		|| reason ~ /time is not deterministic/ \
		|| reason ~ /short mode/
}

{ lines[++n] = $0 }

/^ *--- SKIP: / {
	reason = lines[n - 1]
	sub(/^ +/, "", reason)
	name = $3
	if (allowed(reason)) {
		print "skipped: " name " (" reason ")"
	} else {
		bad[++nbad] = name " (" reason ")"
	}
}

/^(ok|\?) *\t/ || /^\t.*coverage: / { print; fflush(); ok++; n = 0; next }

/^FAIL\t/ {
	for (i = 1; i <= n; i++)
		if (lines[i] !~ /^=== (RUN|PAUSE|CONT|NAME)/ && lines[i] !~ /^ *--- (PASS|SKIP)/ && lines[i] != "PASS")
			print lines[i]
	failed++
	n = 0
}

END {
	for (i = 1; i <= n; i++) print lines[i]
	for (i = 1; i <= nbad; i++) print "FAIL: skipped: " bad[i]
	printf "%d packages ok, %d failed, %d tests skipped that must run\n", ok, failed, nbad
	exit nbad > 0 || failed > 0 || ok == 0
}
