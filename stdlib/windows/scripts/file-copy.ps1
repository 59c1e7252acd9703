# Beside it stays what was there before, for whoever puts it back: the first time, not the second.
if ((Test-Path -LiteralPath $With.to) -and -not (Test-Path -LiteralPath "$($With.to).before")) { Copy-Item -LiteralPath $With.to -Destination "$($With.to).before" }
Copy-Item -LiteralPath $With.from -Destination $With.to -Force
if ((Get-FileHash -LiteralPath $With.from).Hash -ne (Get-FileHash -LiteralPath $With.to).Hash) { throw "$($With.to) is not what $($With.from) is" }
