"""
Runs programs of docker/tools, each run in a fork of an interpreter that has loaded the program already: judge.py TOOLS REQUESTS ANSWERS

REQUESTS and ANSWERS are pipes. A request is a line of JSON, [module, arguments, bytes], and that many bytes for stdin; the answer is
[code, bytes of stdout, bytes of stderr], and those bytes.
"""

import importlib
import json
import os
import sys
import traceback

tools, requests, answers = sys.argv[1:]
sys.path.insert(0, tools)


def run(module, arguments):
    """As `python3 MODULE.py ARGUMENT...` ends."""
    try:
        code = module.main(arguments)
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


def in_memory(content=b''):
    place = os.memfd_create('stream')
    os.write(place, content)
    os.lseek(place, 0, os.SEEK_SET)
    return place


def written(place):
    os.lseek(place, 0, os.SEEK_SET)
    with os.fdopen(place, 'rb') as file:
        return file.read()


with open(requests, 'rb') as source, open(answers, 'wb') as target:
    for line in source:
        name, arguments, size = json.loads(line)
        module = importlib.import_module(name)
        streams = [in_memory(source.read(size)), in_memory(), in_memory()]
        child = os.fork()
        if child == 0:
            for number, place in enumerate(streams):
                os.dup2(place, number)
            sys.argv = [f'{tools}/{name}.py', *arguments]
            run(module, arguments)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(streams[0])
        out, err = (written(place) for place in streams[1:])
        target.write(json.dumps([code, len(out), len(err)]).encode() + b'\n' + out + err)
        target.flush()
