<?php
// A receiver of webhooks with PHP's own functions, to be put behind any web server; to try it:
//   WEBHOOK_SECRET=whsec_… php -S 127.0.0.1:8000 receiver.php
// It keeps what comes. From the command line (cron, a loop, systemd) the same file handles it: php receiver.php

const TOLERANCE_SECONDS = 300;
const MAX_BODY_BYTES = 4 * 1024 * 1024;

$inbox = getenv('INBOX') ?: 'inbox';
if (!is_dir($inbox)) {
    @mkdir($inbox, 0700, true);
}

/** Whether one of the signatures (several while a secret is rotated) is ours, over the very bytes that came, and of now. */
function isGenuine(string $id, string $timestamp, string $signatures, string $body): bool
{
    if (!preg_match('/^[\w-]+$/D', $id) || !ctype_digit($timestamp)) {
        return false;
    }
    if (abs(time() - (int) $timestamp) > TOLERANCE_SECONDS) {
        return false;
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', getenv('WEBHOOK_SECRET') ?: ''), true);
    if ($key === false || strlen($key) < 24) {
        throw new RuntimeException('WEBHOOK_SECRET must be whsec_… as the subscription showed it');
    }
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $signatures) as $one) {
        if (hash_equals($expected, $one)) {
            return true;
        }
    }
    return false;
}

/** False when this id was here before: the file appears whole and only once, as a row under a unique key would. */
function store(string $path, string $body): bool
{
    $written = $path . '.' . bin2hex(random_bytes(8)) . '.tmp';
    if (file_put_contents($written, $body) !== strlen($body)) {
        throw new RuntimeException("cannot write $written");
    }
    try {
        if (@link($written, $path)) {
            return true;
        }
        if (is_file($path)) {
            return false;
        }
        throw new RuntimeException("cannot write $path");
    } finally {
        unlink($written);
    }
}

/** What the events are for. After a crash it is called again for the one that it was at. */
function handle(string $id, array $event): void
{
    echo "handled $id {$event['type']}\n";
}

if (PHP_SAPI === 'cli') {
    foreach (scandir($inbox) as $id) {
        if (!str_contains($id, '.') && !is_file("$inbox/$id.done")) {
            try {
                handle($id, json_decode(file_get_contents("$inbox/$id"), true, 512, JSON_THROW_ON_ERROR));
                touch("$inbox/$id.done");
            } catch (Exception $error) {
                error_log("$id waits for the next time: {$error->getMessage()}");
            }
        }
    }
    exit;
}

// Not $_POST: what is signed are the bytes of the body.
$body = file_get_contents('php://input', false, null, 0, MAX_BODY_BYTES + 1);
$id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
$timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
$signatures = $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '';
try {
    if (strlen($body) > MAX_BODY_BYTES) {
        http_response_code(413);
    } elseif (!isGenuine($id, $timestamp, $signatures, $body)) {
        http_response_code(401);
    } else {
        store("$inbox/$id", $body);
        http_response_code(204);
    }
} catch (RuntimeException $error) {
    error_log($error->getMessage());
    http_response_code(500); // It is sent again.
}
