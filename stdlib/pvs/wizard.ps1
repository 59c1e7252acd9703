# Runs the Configuration Wizard with the recorded answers. "Farm is already configured" is FarmConfiguration=0, which upgrades the
# database where that is older; that it asks nobody then is inferred. The services are started by a step of their own.
function Invoke-Wizard {
    $answers = Get-AnswersFile
    if (-not (Test-Path -LiteralPath $answers)) { throw "$answers is not there: record it once with ConfigWizard.exe /s" }
    $own = Join-Path $env:TEMP "pvsplan-$PID.ans"
    $log = Join-Path $env:TEMP "pvsplan-$PID.log"
    # The wizard reads UTF-16 only, and does nothing and ends with 0 when it is given anything else. The answers hold passwords,
    # so the copy goes away whatever happens.
    try {
        $lines = @(Get-Content -LiteralPath $answers | Where-Object { $_ -notmatch '^\s*(FarmConfiguration|NoStartServices)\s*=' })
        $lines + 'FarmConfiguration=0' + 'NoStartServices=1' | Set-Content -LiteralPath $own -Encoding Unicode
        $wizard = Start-Process (Join-Path (Get-ServerFolder) 'ConfigWizard.exe') -ArgumentList "/a:`"$own`" /o:`"$log`"" -PassThru
        # A question that it asks on a desktop that nobody sees must not wait for ever.
        if (-not $wizard.WaitForExit(25 * 60 * 1000)) { $wizard.Kill(); throw 'ConfigWizard.exe did not end within 25 minutes' }
    } finally {
        Remove-Item -LiteralPath $own -ErrorAction SilentlyContinue
    }
    # Its exit status is 0 whatever happened; only the log tells.
    $said = [string](Get-Content -LiteralPath $log -Raw -ErrorAction SilentlyContinue)
    Remove-Item -LiteralPath $log -ErrorAction SilentlyContinue
    if ($said -notmatch 'Configuration complete' -or $said -match 'Fatal error|Invalid Database Name') { throw "the wizard did not complete: $said" }
}
