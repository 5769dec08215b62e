# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers that stop, start, die and answer errors."""

import signal
import threading

from curl import statuses
from daemons import until

ANY = 'http://www.example.com/seen?[1-{}]'


def stopped(real):
    """One of three is not there."""
    ktap, two = real.ktap, real.servers[1]
    two.stop()
    ktap.equal('one of three has stopped: others are asked', [200] * 30, statuses(ANY.format(30), at='127.0.0.1:8080'))
    ktap.equal('so they are for what cannot be repeated', [200] * 9,
               statuses(ANY.format(9), '-d', 'x', at='127.0.0.1:8080'))
    ktap.equal('its own pool says so', 502, real.get('/name', host='a.two.example.com').status)
    wrong = two.start()
    ktap.check('it starts again', not wrong, wrong)
    ktap.equal('its pool works at once', 200, real.get('/name', host='a.two.example.com').status)
    names = {real.get('/name').body for _ in range(12)}
    ktap.equal('and it takes part', {b'n1', b'n2', b'n3'}, names)


def killed(real):
    """One dies with connections that wait to be used again."""
    two = real.servers[1]
    for _ in range(12):
        real.get('/name')
    two.stop(signal.SIGKILL)
    real.ktap.equal('one was killed: what waited for the next request is no failure', [200] * 12,
                    statuses(ANY.format(12), at='127.0.0.1:8080'))
    wrong = two.start()
    real.ktap.check('it starts again', not wrong, wrong)


def again_and_again(real):
    """One after the other is exchanged while clients ask."""
    found = []
    clients = [threading.Thread(target=lambda at=at: found.extend(statuses(ANY.format(300), '--rate', '100/s', at=at)))
               for at in ('127.0.0.1:8080', '[::1]:8080')]
    for client in clients:
        client.start()
    rounds = 0
    while any(client.is_alive() for client in clients) and rounds < 100:
        server = real.servers[rounds % 3]
        server.stop()
        server.start()
        rounds += 1
    for client in clients:
        client.join()
    real.ktap.check('servers that are exchanged one after the other cost no request',
                    found == [200] * 600 and rounds >= 3,
                    f'{rounds} times; {len(found)} answers, {[each for each in found if each != 200]}')


def errors(real):
    """One answers 500 for a time."""
    ktap, two, three = real.ktap, real.servers[1], real.servers[2]
    url = 'http://www.example.com/failing/name?[1-{}]'
    two.break_it()
    found = []

    def left_out():
        found.extend(statuses(url.format(10), at='127.0.0.1:8080'))
        return 'left-out-until' in real.daemons.server('failing', two.address()).get('proxy', {})
    ktap.check('a server with errors is left out', until(left_out), real.daemons.server('failing', two.address()))
    ktap.check('clients have seen a few of them', 3 <= found.count(500) <= 20, found)
    # Nobody else is left out, and never all.
    three.break_it()
    ktap.equal('the last one is not, whatever it answers', [500] * 10,
               statuses(url.format(10), at='127.0.0.1:8080')[:10])
    three.break_it(False)
    two.break_it(False)
    seen = set()

    def back():
        seen.add(real.get('/failing/name').body)
        return seen == {b'n2', b'n3'}
    ktap.check('both take part again after their time', until(back), seen)


def run(real):
    """All of them."""
    stopped(real)
    killed(real)
    again_and_again(real)
    errors(real)
