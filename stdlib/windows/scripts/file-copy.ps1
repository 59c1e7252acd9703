# Whole or not at all: the copy gets its name when it is known to be the same. What had the name before stays beside it, also
# where this runs a second time.
$new = "$($With.to).new"
Copy-Item -LiteralPath $With.from -Destination $new -Force
$hash = (Get-FileHash -LiteralPath $new).Hash
if ($hash -ne (Get-FileHash -LiteralPath $With.from).Hash) { throw "$new is not what $($With.from) is" }
if ((Test-Path -LiteralPath $With.to) -and (Get-FileHash -LiteralPath $With.to).Hash -ne $hash) { Move-Item -LiteralPath $With.to -Destination "$($With.to).before" -Force }
Move-Item -LiteralPath $new -Destination $With.to -Force
