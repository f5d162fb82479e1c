package timers_test

import (
	"fmt"
	"time"

	"github.com/weir-bpm/weir/expression/timers"
)

func ExampleParseCycle() {
	armed := time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)
	cycle, err := timers.ParseCycle("R3/P1M", timers.CycleOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p := timers.Progress{Armed: armed, After: armed}
	for {
		due, ok := cycle.Next(p)
		if !ok {
			break
		}
		fmt.Println(due.Format(time.RFC3339))
		p.After = due
		p.Fired++
	}
	// Output:
	// 2026-02-28T09:00:00Z
	// 2026-03-31T09:00:00Z
	// 2026-04-30T09:00:00Z
}

func ExampleParseCron() {
	cron, err := timers.ParseCron("0 0 9 LW * *", timers.Spring)
	if err != nil {
		fmt.Println(err)
		return
	}
	due, _ := cron.Next(time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC), time.UTC)
	fmt.Println(due.Format(time.RFC1123))

	_, err = timers.ParseCron("0 0 9 30 2 *", timers.Spring)
	fmt.Println(err)
	// Output:
	// Fri, 30 Jan 2026 09:00:00 UTC
	// no date matches the expression; expected a day that the month has at character 7 of "0 0 9 30 2 *"
}
