// Package projector folds the event logs into read models in Postgres.
package projector
