$script = Join-Path $env:TEMP "pvsplan-upgrade-$PID.sql"
try {
    & (Join-Path (Get-ServerFolder) 'DbScript.exe') -upgrade $On.name $script | Out-Null
    # Exit codes of DbScript.exe are not published: what counts is a script that speaks of this database.
    if (-not (Test-Path -LiteralPath $script) -or -not (Select-String -LiteralPath $script -SimpleMatch $On.name -Quiet)) { throw "DbScript.exe wrote no script for $($On.name)" }
    Update-Schema $On.instance $On.name $script $With.version
} finally {
    Remove-Item -LiteralPath $script -ErrorAction SilentlyContinue
}
