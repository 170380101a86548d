package main

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

// The wire-format vectors that every language reads; ../../vectors/README.md explains them.
type vectors struct {
	Valid []struct {
		Name  string
		Frame AvatarData
		Hex   string
	}
	Invalid []struct {
		Name string
		Hex  string
		Code string
	}
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	text, err := os.ReadFile("../../vectors/binary.json")
	if err != nil {
		t.Fatal(err)
	}
	var all vectors
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Valid) == 0 || len(all.Invalid) == 0 {
		t.Fatal("the vectors are empty")
	}
	return all
}

func fromHex(t *testing.T, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestValidVectors(t *testing.T) {
	for _, vector := range readVectors(t).Valid {
		vector := vector
		t.Run(vector.Name, func(t *testing.T) {
			data, err := vector.Frame.SerializeAvatarData()
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(data); got != vector.Hex {
				t.Errorf("serialized to\n%s, want\n%s", got, vector.Hex)
			}
			avatar, err := DeserializeAvatarData(fromHex(t, vector.Hex))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(*avatar, vector.Frame) {
				t.Errorf("deserialized to\n%+v, want\n%+v", *avatar, vector.Frame)
			}
			// Values that compare equal may differ in bits: 0 and -0.
			again, err := avatar.SerializeAvatarData()
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(again); got != vector.Hex {
				t.Errorf("serialized again to\n%s, want\n%s", got, vector.Hex)
			}
		})
	}
}

func TestInvalidVectors(t *testing.T) {
	// This client checks the layout; the server, which checks all, never hands out the others.
	layout := map[string]bool{
		"empty":                 true,
		"truncated":             true,
		"trailing_bytes":        true,
		"negative_count":        true,
		"too_many_bones":        true,
		"too_many_blend_shapes": true,
	}
	for _, vector := range readVectors(t).Invalid {
		vector := vector
		t.Run(vector.Name, func(t *testing.T) {
			_, err := DeserializeAvatarData(fromHex(t, vector.Hex))
			if refused := err != nil; refused != layout[vector.Code] {
				t.Errorf("%s: error is %v", vector.Code, err)
			}
		})
	}
}

func TestEveryTruncationIsRefused(t *testing.T) {
	for _, vector := range readVectors(t).Valid {
		data := fromHex(t, vector.Hex)
		for length := range data {
			if _, err := DeserializeAvatarData(data[:length]); err != ErrTruncated {
				t.Fatalf("%s: %d of %d bytes: error is %v", vector.Name, length, len(data), err)
			}
		}
	}
}

func TestNames(t *testing.T) {
	for _, text := range []string{"Hips", strings.Repeat("é", 32)} {
		name, err := NewName(text)
		if err != nil || name.String() != text {
			t.Errorf("%q became %q, error %v", text, name, err)
		}
	}
	for _, text := range []string{"", strings.Repeat("x", 65)} {
		if _, err := NewName(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func TestZeroValueIsAFrame(t *testing.T) {
	avatar := AvatarData{}
	data, err := avatar.SerializeAvatarData()
	if err != nil || len(data) != 64 {
		t.Errorf("serialized to %d bytes, error %v", len(data), err)
	}
}

func TestTooManyBonesAreRefused(t *testing.T) {
	avatar := AvatarData{Bones: make([]BoneData, MaxEntries+1)}
	if _, err := avatar.SerializeAvatarData(); err == nil {
		t.Error("serialized")
	}
}
