# SPDX-License-Identifier: MIT-0
"""A qtest client: a machine behind two pipes, a line each way."""

import subprocess


class Qtest:
    """Starts `command` with a machine, and speaks to it. Its verdict is the exit status, and what it prints on stderr."""

    def __init__(self, command, *machine):
        argv = [*command, "-qtest", "stdio", *machine]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        while True:
            answer = self.process.stdout.readline().rstrip("\n")
            if answer.startswith("IRQ "):
                continue
            if not answer.startswith("OK"):
                raise RuntimeError(f"{line}: {answer or 'the machine has gone'}")
            return answer[3:]

    def inp(self, port, width):
        return int(self.ask(f"in{LETTER[width]} {port:#x}"), 16)

    def out(self, port, value, width):
        self.ask(f"out{LETTER[width]} {port:#x} {value:#x}")

    def read(self, address, length):
        return bytes.fromhex(self.ask(f"read {address:#x} {length}")[2:])

    def write(self, address, data):
        self.ask(f"write {address:#x} {len(data)} 0x{data.hex()}")

    def close(self):
        """Returns whether the driver kept the rules."""
        self.process.stdin.close()
        return self.process.wait() == 0


LETTER = {1: "b", 2: "w", 4: "l"}
