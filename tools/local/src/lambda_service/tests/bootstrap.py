# The function that the tests run: it speaks the Runtime API and does what the event tells it to.
import base64
import http.client
import json
import os
import pathlib
import signal
import sys
import threading


def hang():
    threading.Event().wait()


def say(line):
    print(line, flush=True)


def meet(event):
    """Waits until as many environments as the event says are in here at once."""
    place = pathlib.Path(event["place"])
    (place / str(os.getpid())).touch()
    while len(list(place.iterdir())) < event["count"]:
        pass
    return {"pid": os.getpid()}


def handle(event, headers):
    do = event.get("do", "echo")
    if do == "echo":
        return event
    if do == "who":
        return {"pid": os.getpid(), "version": os.environ["AWS_LAMBDA_FUNCTION_VERSION"], "word": os.environ.get("WORD")}
    if do == "context":
        return {"environment": dict(os.environ), "headers": dict(headers), "directory": os.getcwd()}
    if do == "say":
        for line in event["lines"]:
            say(line)
        print("to stderr", file=sys.stderr, flush=True)
        return {}
    if do == "fail":
        raise ValueError(event.get("because", "told to"))
    if do == "exit":
        os._exit(event["status"])
    if do == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if do == "hang":
        say("hanging")
        hang()
    if do == "large":
        return "x" * event["size"]
    if do == "meet":
        return meet(event)
    raise ValueError("unknown: " + do)


def initialize(api):
    mode = os.environ.get("INIT")
    if mode is None:
        return
    marker = pathlib.Path(os.environ["MARKER"])
    with marker.open("a") as file:
        file.write("x")
    starts = len(marker.read_text())
    say("start %d" % starts)
    if mode == "exit":
        sys.exit(7)
    if mode == "error":
        body = json.dumps({"errorType": "Config.Missing", "errorMessage": "no TABLE_NAME"})
        api.request("POST", "/2018-06-01/runtime/init/error", body, {"Lambda-Runtime-Function-Error-Type": "Config.Missing"})
        api.getresponse().read()
        sys.exit(1)
    if mode == "hang":
        hang()


def extend():
    """Registers an extension in this process, which is told before the end."""
    events = os.environ.get("EXTENSION")
    if events is None:
        return

    def end(*_):
        say("told to end")
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    body = json.dumps({"events": json.loads(events)})
    api.request("POST", "/2020-01-01/extension/register", body, {"Lambda-Extension-Name": "inner"})
    answer = api.getresponse()
    say("registered %d %s" % (answer.status, answer.read().decode()))
    identifier = answer.headers.get("Lambda-Extension-Identifier", "")
    api.request("GET", "/2020-01-01/extension/event/next", headers={"Lambda-Extension-Identifier": identifier})
    if not identifier:
        say("next %d %s" % ((lambda reply: (reply.status, reply.read().decode()))(api.getresponse())))
    else:
        # Kept, so that the request stays open.
        extend.api = api


def stream(api, request, answer):
    """Answers in response streaming mode, in two chunks."""
    api.putrequest("POST", request + "/response")
    api.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
    api.putheader("Transfer-Encoding", "chunked")
    api.endheaders()
    half = len(answer) // 2
    for chunk in (answer[:half], answer[half:], b""):
        api.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))


def main():
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    initialize(api)
    extend()
    while True:
        api.request("GET", "/2018-06-01/runtime/invocation/next")
        reply = api.getresponse()
        event = json.loads(reply.read())
        request = "/2018-06-01/runtime/invocation/" + reply.headers["Lambda-Runtime-Aws-Request-Id"]
        try:
            answer = json.dumps(handle(event, reply.headers)).encode()
            if event.get("stream"):
                stream(api, request, answer)
            else:
                api.request("POST", request + "/response", answer)
        except ValueError as error:
            body = json.dumps({"errorType": "ValueError", "errorMessage": str(error)})
            api.request("POST", request + "/error", body, {"Lambda-Runtime-Function-Error-Type": "ValueError"})
        api.getresponse().read()
        if event.get("then") == "exit":
            os._exit(0)


main()
