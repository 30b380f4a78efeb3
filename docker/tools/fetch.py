"""Brings the segments of an archive over several connections, for as long as it takes."""

import os
import threading

from find import version_of
from pace import Pace
from report import say
from trouble import Changed, Gone, Stuck, Trouble
from web import Web, count

# What unpacks is never late because of what is not needed yet: on a fast line, fetching takes the processor time that is left.
NICE = 10


class Fetch:
    """Threads that fill `store`. What goes wrong and may heal is tried again; the rest ends the store's segments."""

    def __init__(self, archive, store, connections, patience):
        self.archive, self.store, self.segments = archive, store, store.segments
        self.pace = Pace(connections if archive.ranges else 1, patience)
        self.webs = []
        work = self.work if archive.ranges else self.work_in_order
        self.threads = [threading.Thread(target=self.guard, args=[work, number], daemon=True)
                        for number in range(self.pace.connections)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        """Returns when no thread will write any more."""
        self.segments.fail(Trouble('stopped'))
        self.pace.stop()
        for web in self.webs:
            web.interrupt()
        for thread in self.threads:
            thread.join()

    def guard(self, work, number):
        web = Web()
        # The store may keep a buffer that it is given, and hands out another: which one is free is the thread's to know.
        web.buffer = self.store.buffer()
        self.webs.append(web)
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
            work(web, number)
        except BaseException as error:  # whatever it is, nobody may wait for this thread for ever
            self.segments.fail(error)
        finally:
            web.close()

    def work(self, web, number):
        while self.pace.ready(number) and (run := self.segments.take()):
            run.interrupt = web.interrupt
            first = run.first
            try:
                self.bring(web, run)
                self.pace.went_well()
            except (Gone, Changed):
                raise
            except (Trouble, Stuck) as error:
                # A connection that was ended because another took its work over is no trouble.
                if self.segments.error is None and (run.end is None or run.at < run.end):
                    self.pace.failed(number, error, run.at > first)
            finally:
                self.segments.give_back(run)

    def bring(self, web, run):
        start, stop = run.at * self.segments.segment, min(run.end * self.segments.segment, self.segments.size)
        headers = {'Range': f'bytes={start}-{stop - 1}'}
        if self.archive.version:
            headers['If-Range'] = self.archive.version
        answer = web.get(self.archive.url, headers)
        try:
            self.check(answer)
            if answer.status != 206 or answer.headers.get('Content-Range') != f'bytes {start}-{stop - 1}/{self.segments.size}':
                raise Trouble(f'the server answered {answer.status} with another range than was asked for')
            while self.receive(web, answer, run):
                pass
        finally:
            answer.close()

    def work_in_order(self, web, number):
        """Without ranges each connection begins at the first byte; what is here already is read and dropped."""
        while self.pace.ready(number) and (run := self.segments.take_rest()):
            first = run.first
            try:
                answer = web.get(self.archive.url)
                try:
                    self.check(answer)
                    if first:
                        say(f'starting from zero: the server cannot resume; what is here up to byte '
                            f'{self.segments.front()} is kept, and comes once more')
                    for index in range(first):
                        if answer.readinto(web.buffer[:self.segments.length(index)]) != self.segments.length(index):
                            raise Trouble('the connection ended early')
                    while self.receive(web, answer, run):
                        pass
                finally:
                    answer.close()
            except (Gone, Changed):
                raise
            except (Trouble, Stuck) as error:
                if self.segments.error is None:
                    self.pace.failed(number, error, run.at > first)

    def check(self, answer):
        seen, held = version_of(answer.headers), self.archive.version
        length = count(answer.headers.get('Content-Length'))
        other_size = answer.status == 200 and length and self.segments.size not in (None, length)
        if (seen and held and seen != held) or other_size:
            raise Changed('the archive has changed on the server')

    def receive(self, web, answer, run):
        """One segment. Returns whether another is wanted."""
        index, expected = run.at, self.segments.length(run.at)
        got = answer.readinto(web.buffer[:expected])
        if self.segments.error is not None:
            return False
        if got < expected and self.segments.size is not None:
            raise Trouble(f'the connection ended early, at {index * self.segments.segment + got} of {self.segments.size} bytes')
        more = True
        if got:
            web.buffer = self.store.put(index, web.buffer, got)
            more = self.segments.done(run)
        if got < expected:
            self.segments.ends_at(index * self.segments.segment + got)
            return False
        return more
