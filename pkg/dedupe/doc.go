// Package dedupe finds near-duplicate documents in a stream: exact copies,
// edited copies, texts cut from earlier ones and texts that quote or embed
// earlier ones, with the share of each that the two have in common.
package dedupe
