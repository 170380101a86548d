// Posts a number of zero bytes to a URL, with a Content-Length and then without, and prints the status of each answer.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
)

func main() {
	size, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	zeros := make([]byte, size)
	for _, body := range []io.Reader{bytes.NewReader(zeros), io.MultiReader(bytes.NewReader(zeros))} {
		answer, err := http.Post(os.Args[1], "application/json", body)
		if err != nil {
			panic(err)
		}
		answer.Body.Close()
		fmt.Println(answer.StatusCode)
	}
}
