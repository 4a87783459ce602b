// Checks a directory of log files with Go's own packages for transparency logs. Prints "ok" or says what does not hold.
//
// Usage: main DIRECTORY VERIFIER-KEY OLD-SIZE OLD-ROOT(base64) INDEX...
package main

import (
	"encoding/base64"
	"fmt"
	"io/ioutil"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type files struct{ directory string }

func (files) Height() int { return 8 }

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := ioutil.ReadFile(filepath.Join(f.directory, path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (files) SaveTiles([]tlog.Tile, [][]byte) {}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func hash(text string) tlog.Hash {
	data, err := base64.StdEncoding.DecodeString(text)
	must(err)
	if len(data) != tlog.HashSize {
		must(fmt.Errorf("a hash of %d bytes", len(data)))
	}
	var found tlog.Hash
	copy(found[:], data)
	return found
}

func entry(directory string, index int64, size int64) []byte {
	bundle := tlog.Tile{H: 8, L: 0, N: index / 256, W: 256}
	if left := size - bundle.N*256; left < 256 {
		bundle.W = int(left)
	}
	path := strings.Replace(bundle.Path(), "tile/8/0/", "tile/entries/", 1)
	data, err := ioutil.ReadFile(filepath.Join(directory, path))
	must(err)
	for skip := index % 256; ; skip-- {
		length := int(data[0])<<8 | int(data[1])
		if skip == 0 {
			return data[2 : 2+length]
		}
		data = data[2+length:]
	}
}

func main() {
	directory := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	must(err)
	signed, err := ioutil.ReadFile(filepath.Join(directory, "checkpoint"))
	must(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		must(fmt.Errorf("a checkpoint of %s", lines[0]))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	tree := tlog.Tree{N: size, Hash: hash(lines[2])}
	reader := tlog.TileHashReader(tree, files{directory})
	old, err := strconv.ParseInt(os.Args[3], 10, 64)
	must(err)
	proof, err := tlog.ProveTree(size, old, reader)
	must(err)
	must(tlog.CheckTree(proof, size, tree.Hash, old, hash(os.Args[4])))
	for _, text := range os.Args[5:] {
		index, err := strconv.ParseInt(text, 10, 64)
		must(err)
		path, err := tlog.ProveRecord(size, index, reader)
		must(err)
		must(tlog.CheckRecord(path, size, tree.Hash, index, tlog.RecordHash(entry(directory, index, size))))
	}
	fmt.Println("ok")
}
