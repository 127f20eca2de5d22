import json, sys
from standardwebhooks.webhooks import Webhook

def verifies(request):
    try:
        Webhook(request["secret"]).verify(request["body"], request["headers"])
        return True
    except Exception:
        return False

json.dump([verifies(request) for request in json.load(sys.stdin)], sys.stdout)
