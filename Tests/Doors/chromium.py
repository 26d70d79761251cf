# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium with a WAV for a microphone, driven by its DevTools protocol.

    with Chromium(folder, microphone=wav) as browser:
        page = browser.open("http://127.0.0.1:…/")
        answer = page.run("await something()")
"""

import functools
import http.server
import json
import pathlib
import shutil
import subprocess
import threading
import time

from websockets.sync.client import connect

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Chromium:
    def __init__(self, folder, microphone, options=()):
        self.folder = pathlib.Path(folder)
        self.options = options
        self.microphone = microphone

    def __enter__(self):
        command = [
            PROGRAM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0",
            "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
            # %noloop: said once, then silence.
            f"--use-file-for-fake-audio-capture={self.microphone}%noloop",
            "--autoplay-policy=no-user-gesture-required", f"--user-data-dir={self.folder}",
            # Nothing but this machine is asked.
            "--proxy-server=socks5://127.0.0.1:9", "--proxy-bypass-list=127.0.0.1", *self.options, "about:blank"]
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        try:
            port_file = self.folder / "DevToolsActivePort"
            end = time.monotonic() + 60
            while not (port_file.exists() and port_file.read_text().count("\n")):
                if time.monotonic() > end or self.process.poll() is not None:
                    raise AssertionError("Chromium did not start: " + (self.folder / "log").read_text()[-2000:])
                time.sleep(0.05)
            port, path = port_file.read_text().split("\n")[:2]
            self.port = int(port)
            self.tools = Tools(f"ws://127.0.0.1:{port}{path}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.log.close()

    def open(self, url):
        target = self.tools.ask("Target.createTarget", url="about:blank")["targetId"]
        page = Page(f"ws://127.0.0.1:{self.port}/devtools/page/{target}")
        page.ask("Page.enable")
        page.ask("Page.navigate", url=url)
        page.run("await new Promise((done) => document.readyState === 'complete' ? done() : addEventListener('load', done))")
        return page


class Tools:
    def __init__(self, url):
        self.socket = connect(url, max_size=None, compression=None)
        self.count = 0

    def ask(self, method, timeout=120, **parameters):
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": parameters}))
        end = time.monotonic() + timeout
        while True:
            answer = json.loads(self.socket.recv(timeout=max(0.01, end - time.monotonic())))
            if answer.get("id") == self.count:
                assert "error" not in answer, answer
                return answer["result"]


class Page(Tools):
    def run(self, script, timeout=120):
        """What the body of an async function returns; JSON alone comes over. A click's rights are with it."""
        answer = self.ask(
            "Runtime.evaluate", timeout, expression=f"(async () => {{ {script} }})()", awaitPromise=True,
            returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")


class Files:
    """The files of a folder over HTTP, for pages; JavaScript modules want that."""

    def __init__(self, folder):
        handler = functools.partial(Quiet, directory=str(folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass
