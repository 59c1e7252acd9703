#!/usr/bin/env python3
"""The lines that the library gives to Windows Installer, run on Wine with real packages: see README.md.

    installers.py
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
WINDOWS = HERE.parent.parent / "stdlib" / "windows"
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "integration")]
from scenarios import remove  # noqa: E402
from skip import skip  # noqa: E402

for program in ("wine", "wixl"):
    if shutil.which(program) is None:
        skip(f"{program} is not here")

PACKAGE = """<?xml version="1.0"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="*" Name="Contoso Agent" Version="{version}" Manufacturer="Contoso" Language="1033"
           UpgradeCode="7e3f6f0{bits}-6f5c-4f0e-9f7d-1a2b3c4d5e6f">
    <Package InstallerVersion="200" Compressed="yes" InstallScope="perMachine"/>
    <MajorUpgrade DowngradeErrorMessage="a later version is installed"/>
    <Media Id="1" Cabinet="a.cab" EmbedCab="yes"/>
    <Directory Id="TARGETDIR" Name="SourceDir"><Directory Id="ProgramFiles{folder}Folder">
      <Directory Id="INSTALLDIR" Name="Contoso">
        <Component Id="Files" Guid="11111111-2222-3333-4444-55555555555{bits}">
          <File Id="agent" Source="agent.txt"/>
        </Component>
      </Directory>
    </Directory></Directory>
    <Feature Id="All" Level="1"><ComponentRef Id="Files"/></Feature>
  </Product>
</Wix>
"""
faults = []


def check(holds, what):
    if not holds:
        faults.append(what)


def arguments_in(script):
    """What a script gives to msiexec.exe, as PowerShell expands it but for its variables; and the codes it takes for fine."""
    found = re.findall(r"Invoke-Installer 'msiexec\.exe' \"((?:[^\"`]|`.)*)\" \$\w+((?: \d+)*)", script.read_text())
    assert len(found) == 1, f"{script}: {len(found)} lines for msiexec.exe"
    return re.sub(r"`(.)", r"\1", found[0][0]), [int(code) for code in found[0][1].split()]


def expanded(arguments, values):
    """With the values of its variables; a variable that nobody knows is a fault of this test."""
    return re.sub(r"\$\(\$([\w.]+)\)|\$(\w+)", lambda m: values[m[1] or m[2]], arguments)


class Windows:
    """A prefix of its own, in a folder whose name has a blank."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {k: v for k, v in os.environ.items() if k != "DISPLAY"}
        self.environment |= {"WINEDEBUG": "-all", "WINEARCH": "win64", "WINEPREFIX": str(folder / "prefix")}
        self.run(["wineboot", "-i"])

    def run(self, command):
        """What it prints: into a file, since what Wine starts in the background would keep a pipe open."""
        with open(self.folder / "printed", "w+", errors="replace") as printed:
            subprocess.run(command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=printed,
                           stderr=subprocess.DEVNULL, timeout=900, check=False)
            printed.seek(0)
            return printed.read()

    def status_of(self, line):
        """The whole status: that of a process of Unix has eight bits."""
        (self.folder / "line.bat").write_text(f"@echo off\r\n{line}\r\necho STATUS %ERRORLEVEL%\r\n")
        return int(re.search(r"STATUS (-?\d+)", self.run(["wine", "cmd", "/c", "line.bat"]))[1])

    def products(self):
        """Key of the uninstall entry -> name, version: from where the library reads them."""
        keys = re.findall(r"'HKLM:\\([^']*)\\\*'", (WINDOWS / "products.ps1").read_text())
        assert len(keys) == 2, keys
        found = {}
        for key in keys:
            for part in self.run(["wine", "reg", "query", f"HKLM\\{key}", "/s"]).split("HKEY_LOCAL_MACHINE\\")[1:]:
                values = dict(re.findall(r"^ +(\w+) +REG_\w+ +(.*?)\r?$", part, re.MULTILINE))
                if re.search("^Contoso Agent", values.get("DisplayName", "")):
                    name = part.splitlines()[0].strip()
                    found[name[len(key) + 1:]] = (values["DisplayVersion"], "WOW6432Node" in name)
        return found

    def path(self, name):
        return "Z:" + str(self.folder / name).replace("/", "\\")

    def stop(self):
        self.run(["wineserver", "-k"])


install, no_codes = arguments_in(WINDOWS / "scripts" / "product-install.ps1")
removal, fine = arguments_in(WINDOWS / "products.ps1")
said = {int(code) for code in re.findall(r"^ +(\d{4}) = ", (WINDOWS / "products.ps1").read_text(), re.MULTILINE)}
check(not no_codes and fine == [1605], f"codes taken for fine: {no_codes}, {fine}")

# A batch file has no letters but those of a code page.
folder = tempfile.mkdtemp(prefix="a host ", dir=None if tempfile.gettempdir().isascii() else "/tmp")
try:
    windows = Windows(pathlib.Path(folder))
    try:
        (windows.folder / "agent.txt").write_text("an agent\n")
        for wide, bits in (("x64", 1), ("x86", 2)):
            for version in ("4.1.0", "4.2.0"):
                source = windows.folder / "one.wxs"
                source.write_text(PACKAGE.format(version=version, bits=bits, folder="64" if wide == "x64" else ""))
                subprocess.run(["wixl", "-a", wide, "-o", f"agent {version}.msi", "one.wxs"], cwd=windows.folder, check=True,
                               timeout=900)

            def put(version):
                log = f"{wide} {version}.log"
                status = windows.status_of("msiexec.exe " + expanded(
                    install, {"With.setup": windows.path(f"agent {version}.msi"), "log": windows.path(log)}))
                check((windows.folder / log).stat().st_size > 0, f"{wide}: no log where {log} should be")
                return status

            def take(key):
                return windows.status_of("msiexec.exe " + expanded(
                    removal, {"product.PSChildName": key, "log": windows.path(f"{wide} removed.log")}))

            check(put("4.1.0") == 0, f"{wide}: it is not installed")
            first = windows.products()
            check(list(first.values()) == [("4.1.0", wide == "x86")], f"{wide}: the entry is {first}")
            check(put("4.2.0") == 0, f"{wide}: it is not upgraded")
            second = windows.products()
            check([v for v, _ in second.values()] == ["4.2.0"], f"{wide}: the old entry stays: {second}")
            # Going back is refused by the package, so the library removes the new version first.
            status = put("4.1.0")
            check(status != 0 and status in said, f"{wide}: a downgrade ends with {status}")
            for key in second:
                check(key.startswith("{"), f"{wide}: {key} is no key of Windows Installer")
                check(take(key) == 0, f"{wide}: it is not removed")
                check(take(key) in fine, f"{wide}: what is gone is not taken for removed")
            check(not windows.products(), f"{wide}: entries stay")
            check(put("4.1.0") == 0 and [v for v, _ in windows.products().values()] == ["4.1.0"],
                  f"{wide}: the old version is not put back")
            for key in windows.products():
                take(key)
        check(expanded(install, {"With.setup": "a", "log": "b"}).startswith("/i \"a\" /qn "), "the line is another one")
    finally:
        windows.stop()
finally:
    remove(folder)  # in which what Wine has started may be at work for a moment
for fault in faults:
    print(fault)
print("the lines for Windows Installer do what their scripts count on" if not faults else f"{len(faults)} faults")
sys.exit(bool(faults))
