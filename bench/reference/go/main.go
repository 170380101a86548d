// A reference to measure against: the binary server as one writes it with Go's standard library.
// net/http serves, encoding/binary reads each POST into structs and writes each GET from them, and a
// mutex guards the two slots. Frames have the layout that docs/protocol.md calls binary.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

type Vector3 struct {
	X, Y, Z float32
}

type Quaternion struct {
	X, Y, Z, W float32
}

type RootTransform struct {
	WorldPosition Vector3
	WorldRotation Quaternion
	LocalScale    Vector3
}

type BoneData struct {
	Name          [64]byte
	LocalPosition Vector3
	LocalRotation Quaternion
	LocalScale    Vector3
}

type BlendShapeData struct {
	Name   [64]byte
	Weight float32
}

type Header struct {
	Root       RootTransform
	Timestamp  float64
	ServerTime float64
}

type AvatarData struct {
	Header      Header
	Bones       []BoneData
	BlendShapes []BlendShapeData
}

const (
	maxBodyBytes = 1 << 20
	maxEntries   = 1024
)

func readCount(reader io.Reader) (int32, error) {
	var count int32
	if err := binary.Read(reader, binary.LittleEndian, &count); err != nil {
		return 0, err
	}
	if count < 0 || count > maxEntries {
		return 0, fmt.Errorf("count %d is out of range", count)
	}
	return count, nil
}

func deserializeAvatarData(data []byte) (*AvatarData, error) {
	reader := bytes.NewReader(data)
	avatar := &AvatarData{}
	if err := binary.Read(reader, binary.LittleEndian, &avatar.Header); err != nil {
		return nil, err
	}
	boneCount, err := readCount(reader)
	if err != nil {
		return nil, err
	}
	avatar.Bones = make([]BoneData, boneCount)
	if err := binary.Read(reader, binary.LittleEndian, avatar.Bones); err != nil {
		return nil, err
	}
	blendCount, err := readCount(reader)
	if err != nil {
		return nil, err
	}
	avatar.BlendShapes = make([]BlendShapeData, blendCount)
	if err := binary.Read(reader, binary.LittleEndian, avatar.BlendShapes); err != nil {
		return nil, err
	}
	if reader.Len() > 0 {
		return nil, errors.New("too many bytes")
	}
	return avatar, nil
}

func (avatar *AvatarData) serializeAvatarData() ([]byte, error) {
	var buffer bytes.Buffer
	parts := []interface{}{
		&avatar.Header,
		int32(len(avatar.Bones)), avatar.Bones,
		int32(len(avatar.BlendShapes)), avatar.BlendShapes,
	}
	for _, part := range parts {
		if err := binary.Write(&buffer, binary.LittleEndian, part); err != nil {
			return nil, err
		}
	}
	return buffer.Bytes(), nil
}

type slot struct {
	mutex  sync.RWMutex
	avatar AvatarData
}

func unixSeconds(now time.Time) float64 {
	return float64(now.UnixNano()) / 1e9
}

func (slot *slot) post(response http.ResponseWriter, request *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(response, request.Body, maxBodyBytes))
	if err != nil {
		http.Error(response, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	avatar, err := deserializeAvatarData(data)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	avatar.Header.ServerTime = unixSeconds(time.Now())
	slot.mutex.Lock()
	slot.avatar = *avatar
	slot.mutex.Unlock()
	response.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(response, `{"status":"success","server_timestamp":%f}`, avatar.Header.ServerTime)
}

func (slot *slot) get(response http.ResponseWriter) {
	// A POST puts new slices in place and never writes to old ones, so a copy of the struct will do.
	slot.mutex.RLock()
	avatar := slot.avatar
	slot.mutex.RUnlock()
	data, err := avatar.serializeAvatarData()
	if err != nil {
		http.Error(response, err.Error(), http.StatusInternalServerError)
		return
	}
	response.Header().Set("Content-Type", "application/octet-stream")
	response.Write(data)
}

func (slot *slot) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	response.Header().Set("Access-Control-Allow-Origin", "*")
	switch request.Method {
	case http.MethodGet:
		slot.get(response)
	case http.MethodPost:
		slot.post(response, request)
	default:
		http.Error(response, "method not allowed", http.StatusMethodNotAllowed)
	}
}

func main() {
	address := flag.String("address", "127.0.0.1:0", "address to listen on")
	flag.Parse()
	http.Handle("/player1", &slot{})
	http.Handle("/player2", &slot{})
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}
