// A receiver of webhooks with Go's own packages:  WEBHOOK_SECRET=whsec_… PORT=8000 go run receiver.go
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	tolerance    = 5 * time.Minute
	maxBodyBytes = 4 << 20
)

var (
	inbox          = setting("INBOX", "inbox")
	key            = secretKey()
	validID        = regexp.MustCompile(`^[\w-]+$`)
	somethingWaits = make(chan struct{}, 1)
)

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func secretKey() []byte {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(os.Getenv("WEBHOOK_SECRET"), "whsec_"))
	if err != nil || len(key) < 24 {
		log.Fatal("WEBHOOK_SECRET must be whsec_… as the subscription showed it")
	}
	return key
}

// isGenuine tells whether one of the signatures (several while a secret is rotated) is ours, over the very bytes that
// came, and of now.
func isGenuine(headers http.Header, body []byte) bool {
	id, timestamp := headers.Get("webhook-id"), headers.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || !validID.MatchString(id) {
		return false
	}
	if age := time.Since(time.Unix(seconds, 0)); age > tolerance || age < -tolerance {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.", id, timestamp)
	mac.Write(body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for _, one := range strings.Split(headers.Get("webhook-signature"), " ") {
		if hmac.Equal([]byte(one), expected) {
			return true
		}
	}
	return false
}

// store does nothing when this id was here before: the file appears whole and only once, as a row under a unique key
// would.
func store(id string, body []byte) error {
	file, err := os.CreateTemp(inbox, id+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(body)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err = os.Link(file.Name(), filepath.Join(inbox, id)); errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// handle is what the events are for. After a crash it is called again for the one that it was at.
func handle(id string, event map[string]any) error {
	fmt.Printf("handled %s %v\n", id, event["type"])
	return nil
}

func handleWhatWaits() {
	files, err := os.ReadDir(inbox)
	if err != nil {
		log.Print(err)
	}
	for _, file := range files {
		path := filepath.Join(inbox, file.Name())
		if _, err := os.Stat(path + ".done"); err == nil || strings.Contains(file.Name(), ".") {
			continue
		}
		if err := handleFile(file.Name(), path); err != nil {
			log.Printf("%s waits for the next time: %v", file.Name(), err)
		}
	}
}

func handleFile(id, path string) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var event map[string]any
	if err := json.Unmarshal(body, &event); err != nil {
		return err
	}
	if err := handle(id, event); err != nil {
		return err
	}
	return os.WriteFile(path+".done", nil, 0o600)
}

func answer(response http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(response, request.Body, maxBodyBytes))
	switch {
	case err != nil:
		response.WriteHeader(http.StatusRequestEntityTooLarge)
	case !isGenuine(request.Header, body):
		response.WriteHeader(http.StatusUnauthorized)
	case store(request.Header.Get("webhook-id"), body) != nil:
		response.WriteHeader(http.StatusInternalServerError) // It is sent again.
	default:
		// Kept before the answer, handled after it: the sender waits for neither your work nor your errors.
		select {
		case somethingWaits <- struct{}{}:
		default:
		}
		response.WriteHeader(http.StatusNoContent)
	}
}

func main() {
	if err := os.MkdirAll(inbox, 0o700); err != nil {
		log.Fatal(err)
	}
	go func() {
		for {
			handleWhatWaits()
			<-somethingWaits
		}
	}()
	listener, err := net.Listen("tcp", "127.0.0.1:"+setting("PORT", "8000"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on %d\n", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, http.HandlerFunc(answer)))
}
