package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/expression/timers"
	"github.com/weir-bpm/weir/variables"
)

// bpmnErrorExit is the exit code by which a shell worker's command throws a BPMN
// error.
const bpmnErrorExit = 10

func (a *app) workCommand() *cobra.Command {
	var command string
	var concurrency, count int
	var lock time.Duration
	cmd := &cobra.Command{
		Use: "work TYPE", Short: "Do jobs of a type with a shell command", Args: cobra.ExactArgs(1),
		Long: "Takes jobs of a type and runs a shell command for each. The command gets the job as JSON on standard input, and\n" +
			"WEIR_JOB_ID, WEIR_INSTANCE_ID, WEIR_ELEMENT_ID and WEIR_JOB_TYPE in its environment. What it prints, a JSON object\n" +
			"or nothing, becomes the job's variables.\n\n" +
			"Exit code 0 completes the job. Exit code 10 throws a BPMN error: standard output is {\"code\": …, \"message\": …,\n" +
			"\"variables\": {…}}. Any other code fails the attempt with what the command wrote to standard error.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if command == "" {
				return usagef("--exec is required: the shell command that does a job")
			}
			return a.work(cmd.Context(), args[0], command, concurrency, count, lock)
		},
	}
	cmd.Flags().StringVar(&command, "exec", "", "shell command")
	cmd.Flags().IntVar(&concurrency, "concurrency", 4, "jobs at once")
	cmd.Flags().IntVar(&count, "count", 0, "stop after so many jobs (default: never)")
	cmd.Flags().DurationVar(&lock, "lock", 30*time.Second, "how long a job stays with a worker that has died")
	return cmd
}

func (a *app) work(ctx context.Context, jobType, command string, concurrency, count int, lock time.Duration) error {
	nc, err := a.connect()
	if err != nil {
		return err
	}
	defer nc.Close()
	c, err := client.New(ctx, nc, client.WithTenant(a.tenant), client.WithPrefix(a.prefix))
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	done := make(chan struct{}, 1024)
	if count > 0 {
		concurrency = min(concurrency, count)
	}
	w, err := c.StartWorker(ctx, client.WorkerConfig{
		Type: jobType, Concurrency: concurrency, Lock: lock,
		Handler: func(ctx context.Context, job *commands.Job) (map[string]any, error) {
			out, err := shell(ctx, command, job)
			a.reportJob(job, err)
			select {
			case done <- struct{}{}:
			case <-ctx.Done():
			}
			return out, err
		},
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.errOut, "working on jobs of type %s; Ctrl-C stops\n", jobType)
	for n := 0; count == 0 || n < count; n++ {
		select {
		case <-ctx.Done():
			w.Stop()
			return nil
		case <-done:
		}
	}
	w.Stop()
	return nil
}

// reportJob prints one line for a job that was done.
func (a *app) reportJob(job *commands.Job, err error) {
	line := map[string]string{"job_id": job.JobID, "instance_id": job.InstanceID, "element_id": job.ElementID, "result": "completed"}
	var thrown *client.BPMNError
	switch {
	case errors.As(err, &thrown):
		line["result"], line["code"] = "error", thrown.Code
	case err != nil:
		line["result"], line["message"] = "failed", err.Error()
	}
	if a.json {
		data, merr := json.Marshal(line)
		if merr == nil {
			a.printf("%s\n", data)
		}
		return
	}
	a.printf("%s %s %s %s\n", line["job_id"], line["element_id"], line["result"], line["message"])
}

// shell runs the command for a job.
func shell(ctx context.Context, command string, job *commands.Job) (map[string]any, error) {
	input, err := json.Marshal(job)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	var out, errOut bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &out, &errOut
	cmd.Env = append(os.Environ(),
		"WEIR_JOB_ID="+job.JobID, "WEIR_INSTANCE_ID="+job.InstanceID, "WEIR_ELEMENT_ID="+job.ElementID, "WEIR_JOB_TYPE="+job.Type)
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == bpmnErrorExit:
		return nil, thrownError(out.Bytes())
	case err != nil:
		message := strings.TrimSpace(errOut.String())
		if message == "" {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %s", err, message)
	}
	if len(bytes.TrimSpace(out.Bytes())) == 0 {
		return nil, nil
	}
	doc, err := variables.DocumentFromJSON(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("the command's output is no JSON object: %w", err)
	}
	return doc, nil
}

func thrownError(out []byte) error {
	var e struct {
		Code      string             `json:"code"`
		Message   string             `json:"message"`
		Variables variables.Document `json:"variables"`
	}
	if err := json.Unmarshal(out, &e); err != nil || e.Code == "" {
		return fmt.Errorf("exit code %d throws a BPMN error, but the output is no object with a code", bpmnErrorExit)
	}
	return &client.BPMNError{Code: e.Code, Message: e.Message, Variables: e.Variables}
}

// parseDuration reads a Go duration or an ISO 8601 one.
func parseDuration(s string) (time.Duration, error) {
	if d, err := time.ParseDuration(s); err == nil {
		return d, nil
	}
	iso, err := timers.ParseDuration(s)
	if err != nil {
		return 0, usagef("%q is neither a duration such as 36h nor an ISO 8601 one such as P1D", s)
	}
	from := time.Unix(0, 0).UTC()
	to, err := iso.AddTo(from, time.UTC)
	if err != nil {
		return 0, usageError{err}
	}
	return to.Sub(from), nil
}
