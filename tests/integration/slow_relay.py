#!/usr/bin/env python3
"""A slow line, as a ProxyCommand of ssh: passes on what comes, each piece a while later. slow_relay.py HOST PORT SECONDS"""
import os, socket, sys, threading, time

line = socket.create_connection((sys.argv[1], int(sys.argv[2])))
delay = float(sys.argv[3])


def pass_on(read, write, end):
    while data := read():
        time.sleep(delay)
        write(data)
    end()


threading.Thread(
    target=pass_on,
    args=(lambda: os.read(0, 65536), line.sendall, lambda: line.shutdown(socket.SHUT_WR)),
    daemon=True,
).start()
pass_on(lambda: line.recv(65536), lambda data: os.write(1, data), lambda: None)
