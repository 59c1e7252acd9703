if (Test-Path -LiteralPath "$($With.to).before") { Move-Item -LiteralPath "$($With.to).before" -Destination $With.to -Force }
elseif (Test-Path -LiteralPath $With.to) { Remove-Item -LiteralPath $With.to }
