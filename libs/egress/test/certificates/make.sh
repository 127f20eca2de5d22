#!/usr/bin/env bash
# Made what lies here; run again to make all of it anew. Valid for a hundred years.
set -euo pipefail
cd "$(dirname "$0")"
days=36500
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }
authority() {
  key "$1-key.pem"
  openssl req -x509 -new -key "$1-key.pem" -subj "/CN=$1" -days $days -out "$1.pem"
}
signed() {
  key "$1-key.pem"
  openssl req -new -key "$1-key.pem" -subj "/CN=$1" |
    openssl x509 -req -CA "$2.pem" -CAkey "$2-key.pem" -CAcreateserial -days $days -out "$1.pem" -extfile <(printf '%s' "$3")
}
authority authority
signed server authority 'subjectAltName=DNS:endpoint.test,IP:127.0.0.1'
signed client authority 'extendedKeyUsage=clientAuth'
signed other-client authority 'extendedKeyUsage=clientAuth'
rm -f authority-key.pem authority.srl
