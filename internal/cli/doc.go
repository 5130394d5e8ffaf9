// Package cli is what every Winnow command shares: signals, exit codes, the log,
// subcommands over the standard flag package, help that teaches, shell completion,
// a progress line, and numbers for people.
//
// A main is one line, and everything below it is testable without a process:
//
//	func main() { cli.Main("cleaner", command().Run) }
//
// # Exit codes
//
//	0  done
//	1  failed, or stopped before it was done
//	2  wrong usage: nothing was done
//	3  done, with dead records or files left out (errors that wrap [ErrDead] or [ErrLeftOut])
//
// # Signals
//
// The first SIGINT or SIGTERM is a soft stop: the context ends with [ErrStopped] as its
// cause and the work in flight is finished. The second is a hard stop: the process ends at
// once with exit code 1, which is safe because Winnow's position is what it has published.
package cli
