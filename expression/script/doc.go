// Package script runs the scripts of process models.
package script
