import json, sys
from cloudevents.core.bindings.http import HTTPMessage, from_http_event

def read(request):
    event = from_http_event(HTTPMessage(headers=request["headers"], body=request["body"].encode()))
    return {**event.get_attributes(), "data": event.get_data()}

json.dump([read(request) for request in json.load(sys.stdin)], sys.stdout, default=str)
