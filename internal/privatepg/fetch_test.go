package privatepg

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// TestFetchedBinaries starts a server on a machine that has no Postgres in any
// of the usual places, from a repository of ours. What it fetches are scripts
// that run the machine's real binaries.
func TestFetchedBinaries(t *testing.T) {
	t.Parallel()
	found := candidates(t.Context(), machine(), runAs{})
	if len(found) == 0 {
		t.Fatal("this test needs the Postgres binaries of the machine; install the package postgresql")
	}
	jar := jarOf(t, map[string]string{
		"bin/postgres": "#!/bin/sh\nexec " + found[0].postgres() + " \"$@\"\n",
		"bin/initdb":   "#!/bin/sh\nexec " + found[0].initdb() + " \"$@\"\n",
		"bin/pg_ctl":   "#!/bin/sh\nexit 1\n", // the library looks for it
	})
	sum := sha256.Sum256(jar)
	var asked []string
	repository := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		answer := jar
		if strings.HasSuffix(r.URL.Path, ".sha256") {
			answer = []byte(hex.EncodeToString(sum[:]))
		}
		if _, err := w.Write(answer); err != nil {
			t.Error(err)
		}
	}))
	defer repository.Close()
	dir := folder(t)
	s := start(t, Config{Dir: dir, search: &search{repository: repository.URL}})
	if !strings.HasPrefix(s.Facts().Binaries, filepath.Join(dir, "binaries")) {
		t.Errorf("expected the fetched binaries, but got %s", s.Facts().Binaries)
	}
	if got := query(t, s.URL(), "SELECT 1::text"); got != "1" {
		t.Errorf("expected 1, but got %q", got)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if len(asked) != 2 {
		t.Errorf("expected the archive and its digest to be fetched, but got %q", asked)
	}
	repository.Close()
	if _, err := Start(t.Context(), Config{Dir: folder(t), search: &search{repository: repository.URL}}); !errors.Is(err, ErrNoBinaries) {
		t.Errorf("expected ErrNoBinaries without a network, but got %v", err)
	}
}

// jarOf packs files as the repository does: a tar in an xz in a zip.
func jarOf(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var tape, jar bytes.Buffer
	tw := tar.NewWriter(&tape)
	for name, text := range files {
		err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(text)), Typeflag: tar.TypeReg})
		if err == nil {
			_, err = tw.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := tw.Close(); err != nil {
		t.Fatal(err)
	}
	zw := zip.NewWriter(&jar)
	w, err := zw.Create("postgres.txz")
	if err == nil {
		_, err = w.Write(storedXZ(tape.Bytes()))
	}
	if err := errors.Join(err, zw.Close()); err != nil {
		t.Fatal(err)
	}
	return jar.Bytes()
}

// storedXZ wraps data of less than 64 KiB in the xz format without compressing
// it (The .xz File Format 1.2.1, sections 2 to 4).
func storedXZ(data []byte) []byte {
	le := binary.LittleEndian
	sum := func(b []byte) []byte { return le.AppendUint32(b, crc32.ChecksumIEEE(b)) }
	pad := func(b []byte) []byte {
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
		return b
	}
	varint := func(b []byte, n int) []byte { return binary.AppendUvarint(b, uint64(n)) }
	flags := []byte{0, 1} // check: CRC32

	out := append([]byte{0xfd, '7', 'z', 'X', 'Z', 0}, sum(bytes.Clone(flags))...)
	block := sum([]byte{2, 0, 0x21, 1, 0, 0, 0, 0}) // header: 12 bytes, one filter LZMA2
	block = append(block, 1)                        // chunk: stored, dictionary reset
	block = binary.BigEndian.AppendUint16(block, uint16(len(data)-1))
	block = append(block, data...)
	block = append(block, 0) // end of chunks
	unpadded := len(block) + 4
	out = append(out, le.AppendUint32(pad(block), crc32.ChecksumIEEE(data))...)
	index := sum(pad(varint(varint([]byte{0, 1}, unpadded), len(data))))
	out = append(out, index...)
	tail := le.AppendUint32(nil, uint32(len(index)/4-1))
	tail = append(tail, flags...)
	out = le.AppendUint32(out, crc32.ChecksumIEEE(tail))
	return append(append(out, tail...), 'Y', 'Z')
}
