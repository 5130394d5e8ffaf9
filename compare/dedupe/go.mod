module winnow/compare/dedupe

go 1.26.0

require (
	github.com/cespare/xxhash/v2 v2.3.0
	github.com/dgryski/go-minhash v0.0.0-20170608043002-7fe510aff544
	github.com/ekzhu/minhash-lsh v0.0.0-20171225071031-5c06ee8586a1
	winnow v0.0.0
)

require golang.org/x/text v0.43.0 // indirect

replace winnow => ../..
