package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// MaxEntries is the most bones, and the most blend shapes, that a frame may have: the server's
// default limit. It keeps a broken count from allocating gigabytes.
const MaxEntries = 1024

// Name is a bone's or a blend shape's name: UTF-8, padded with zeros. A name of 64 bytes has no
// terminator.
type Name [64]byte

// Vector3 is a position in metres or a scale.
type Vector3 struct {
	X float32 `json:"x"`
	Y float32 `json:"y"`
	Z float32 `json:"z"`
}

// Quaternion is a rotation.
type Quaternion struct {
	X float32 `json:"x"`
	Y float32 `json:"y"`
	Z float32 `json:"z"`
	W float32 `json:"w"`
}

// RootTransform is where the avatar stands in the world: 40 bytes.
type RootTransform struct {
	WorldPosition Vector3    `json:"worldPosition"`
	WorldRotation Quaternion `json:"worldRotation"`
	LocalScale    Vector3    `json:"localScale"`
}

// BoneData is one bone relative to its parent: 104 bytes.
type BoneData struct {
	Name          Name       `json:"name"`
	LocalPosition Vector3    `json:"localPosition"`
	LocalRotation Quaternion `json:"localRotation"`
	LocalScale    Vector3    `json:"localScale"`
}

// BlendShapeData is one facial blend shape: 68 bytes.
type BlendShapeData struct {
	Name   Name    `json:"name"`
	Weight float32 `json:"weight"`
}

// AvatarData is the state of one avatar at one instant. Times are Unix seconds; ServerTime is set
// by the server. Its JSON is the server's JSON format.
type AvatarData struct {
	RootTransform RootTransform    `json:"rootTransform"`
	Bones         []BoneData       `json:"bones"`
	BlendShapes   []BlendShapeData `json:"blendShapes"`
	Timestamp     float64          `json:"timestamp"`
	ServerTime    float64          `json:"server_timestamp"`
}

// header is everything before the bones: 60 bytes. encoding/binary adds no padding.
type header struct {
	RootTransform RootTransform
	Timestamp     float64
	ServerTime    float64
	BoneCount     int32
}

// ErrTruncated is returned for data that ends before its frame does.
var ErrTruncated = errors.New("avatar data is truncated")

// NewName pads text to a Name.
func NewName(text string) (Name, error) {
	var name Name
	if text == "" || len(text) > len(name) {
		return name, fmt.Errorf("name %q has %d bytes; expected 1 to %d", text, len(text), len(name))
	}
	copy(name[:], text)
	return name, nil
}

// NewBone returns a bone that is not moved, turned or scaled.
func NewBone(name string) (BoneData, error) {
	padded, err := NewName(name)
	return BoneData{
		Name:          padded,
		LocalRotation: Quaternion{W: 1},
		LocalScale:    Vector3{1, 1, 1},
	}, err
}

// NewBlendShape returns a blend shape with a weight, usually 0 to 1.
func NewBlendShape(name string, weight float32) (BlendShapeData, error) {
	padded, err := NewName(name)
	return BlendShapeData{Name: padded, Weight: weight}, err
}

// String returns the name without its padding.
func (name Name) String() string {
	if end := bytes.IndexByte(name[:], 0); end >= 0 {
		return string(name[:end])
	}
	return string(name[:])
}

// MarshalText makes a Name a string in JSON.
func (name Name) MarshalText() ([]byte, error) {
	return []byte(name.String()), nil
}

// UnmarshalText reads a Name from a string in JSON.
func (name *Name) UnmarshalText(text []byte) (err error) {
	*name, err = NewName(string(text))
	return err
}

// SerializeAvatarData returns the avatar in the binary format.
func (avatar *AvatarData) SerializeAvatarData() ([]byte, error) {
	if len(avatar.Bones) > MaxEntries || len(avatar.BlendShapes) > MaxEntries {
		return nil, fmt.Errorf("%d bones and %d blend shapes; expected at most %d of each",
			len(avatar.Bones), len(avatar.BlendShapes), MaxEntries)
	}
	buf := new(bytes.Buffer)
	for _, part := range []interface{}{
		header{avatar.RootTransform, avatar.Timestamp, avatar.ServerTime, int32(len(avatar.Bones))},
		avatar.Bones,
		int32(len(avatar.BlendShapes)),
		avatar.BlendShapes,
	} {
		if err := binary.Write(buf, binary.LittleEndian, part); err != nil {
			return nil, err
		}
	}
	return buf.Bytes(), nil
}

// DeserializeAvatarData reads an avatar in the binary format. It checks the counts and the length;
// that numbers are finite and names whole, the server has checked.
func DeserializeAvatarData(data []byte) (*AvatarData, error) {
	reader := bytes.NewReader(data)
	var head header
	if err := read(reader, &head); err != nil {
		return nil, err
	}
	bones, err := entries("bone", head.BoneCount, reader, BoneData{})
	if err != nil {
		return nil, err
	}
	avatar := &AvatarData{
		RootTransform: head.RootTransform,
		Bones:         make([]BoneData, bones),
		Timestamp:     head.Timestamp,
		ServerTime:    head.ServerTime,
	}
	if err := read(reader, avatar.Bones); err != nil {
		return nil, err
	}
	var blendCount int32
	if err := read(reader, &blendCount); err != nil {
		return nil, err
	}
	blendShapes, err := entries("blend", blendCount, reader, BlendShapeData{})
	if err != nil {
		return nil, err
	}
	avatar.BlendShapes = make([]BlendShapeData, blendShapes)
	if err := read(reader, avatar.BlendShapes); err != nil {
		return nil, err
	}
	if reader.Len() > 0 {
		return nil, fmt.Errorf("%d bytes follow the avatar data", reader.Len())
	}
	return avatar, nil
}

// entries checks a count against the limit and against the bytes that are left.
func entries(what string, count int32, rest *bytes.Reader, entry interface{}) (int, error) {
	if count < 0 || count > MaxEntries {
		return 0, fmt.Errorf("%s count is %d; expected 0 to %d", what, count, MaxEntries)
	}
	if int(count)*binary.Size(entry) > rest.Len() {
		return 0, ErrTruncated
	}
	return int(count), nil
}

// read fills a fixed-size value or slice.
func read(reader *bytes.Reader, value interface{}) error {
	if reader.Len() < binary.Size(value) {
		return ErrTruncated
	}
	return binary.Read(reader, binary.LittleEndian, value)
}
