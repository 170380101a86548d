// Posts one player's avatar to an avatar-sync server and reads another player's, in binary.
//
// Prints the server's answer to each post and the avatar that it read, one JSON document a line.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math"
	"net/http"
	"os"
	"time"
)

func main() {
	url := flag.String("url", "http://localhost:8080", "the server")
	post := flag.String("post", "player1", "the player to post")
	get := flag.String("get", "player2", "the player to read")
	count := flag.Int("count", 1, "how often to post and read")
	hz := flag.Float64("hz", 30, "posts a second")
	accept := flag.String("accept", "", "the Accept header of reads; a server whose default format "+
		"is JSON needs application/octet-stream (default none)")
	flag.Parse()
	log.SetFlags(0)

	for step := 0; step < *count; step++ {
		if step > 0 {
			time.Sleep(time.Duration(float64(time.Second) / *hz))
		}
		if err := send(*url+"/"+*post, step); err != nil {
			log.Fatal(err)
		}
		if err := receive(*url+"/"+*get, *accept); err != nil {
			log.Fatal(err)
		}
	}
}

// send serializes and sends binary data, and prints the server's answer.
func send(url string, step int) error {
	avatarData, err := newAvatar(step)
	if err != nil {
		return err
	}
	data, err := avatarData.SerializeAvatarData()
	if err != nil {
		return err
	}
	resp, err := http.Post(url, "application/octet-stream", bytes.NewBuffer(data))
	if err != nil {
		return err
	}
	answer, err := body(resp)
	if err != nil {
		return err
	}
	fmt.Println(string(answer))
	return nil
}

// receive receives and deserializes binary data, and prints it.
func receive(url, accept string) error {
	resp, err := fetch(url, accept)
	if err != nil {
		return err
	}
	data, err := body(resp)
	if err != nil {
		return err
	}
	if format := resp.Header.Get("Content-Type"); format != "application/octet-stream" {
		return fmt.Errorf("the server answers reads in %s: start it with --format binary, "+
			"or read with -accept application/octet-stream", format)
	}
	avatarData, err := DeserializeAvatarData(data)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(avatarData)
}

// fetch is http.Get, with an Accept header if there is one to send.
func fetch(url, accept string) (*http.Response, error) {
	if accept == "" {
		return http.Get(url)
	}
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", accept)
	return http.DefaultClient.Do(request)
}

// body reads an answer to its end; anything but 200 is an error in the server's own words.
func body(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	buf := new(bytes.Buffer)
	if _, err := buf.ReadFrom(resp.Body); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s %s: %s", resp.Status, resp.Request.URL, buf)
	}
	return buf.Bytes(), nil
}

// newAvatar is a body that stands still, turns its head and opens its mouth a little further each
// step.
func newAvatar(step int) (*AvatarData, error) {
	hips, err := NewBone("Hips")
	if err != nil {
		return nil, err
	}
	hips.LocalPosition = Vector3{0, 0.98, -0.015}
	head, err := NewBone("Head")
	if err != nil {
		return nil, err
	}
	head.LocalPosition = Vector3{0, 0.6, 0.02}
	// A turn by an angle around y is the quaternion of half that angle.
	sin, cos := math.Sincos(0.05 * float64(step) / 2)
	head.LocalRotation = Quaternion{Y: float32(sin), W: float32(cos)}
	jaw, err := NewBlendShape("jawOpen", 0.1*float32(step%11))
	if err != nil {
		return nil, err
	}
	return &AvatarData{
		RootTransform: RootTransform{
			WorldPosition: Vector3{-1, 2, 3},
			WorldRotation: Quaternion{W: 1},
			LocalScale:    Vector3{1, 1, 1},
		},
		Bones:       []BoneData{hips, head},
		BlendShapes: []BlendShapeData{jaw},
		Timestamp:   float64(time.Now().UnixNano()) / 1e9,
	}, nil
}
