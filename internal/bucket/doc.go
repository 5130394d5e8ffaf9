// Package bucket keeps datasets in S3-compatible object storage: a [segment.Store] below a prefix
// of a bucket.
//
// Objects appear whole or not at all, so the same holds as for a directory: data first, then the
// manifest, which is the commit; the listing is the position. The segment being written lies in
// a spool on this machine, and is uploaded when it is full, large files in parts. Manifests are
// put on condition that there is none of that name, and are compared if there is: an upload whose
// answer was lost is not an error, another history is.
//
// One sink writes below a prefix. Two on one machine with one spool exclude each other; nothing in
// S3 lets two machines do so, and NEWS gives both the same bytes. A second one that ends its segments
// elsewhere is refused at its next start, because segments overlap then, and [segment.Verify] names
// them.
package bucket
