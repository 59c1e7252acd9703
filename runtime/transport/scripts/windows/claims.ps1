# Claims, as claims.hpp says.
function Test-Mine($line) {
    $run, $token, $rest = $line.Split(' ')
    return $run -ceq $ask.claim_run -and [long] $token -le [long] $ask.claim_token
}
# Whoever claims first keeps it: a move onto a file that is there fails.
function Set-Claim {
    if (-not $ask.claim) { return '' }
    $file = $claims + $ask.claim_name
    $mine = "$file.$PID"
    for ($try = 0; $try -lt 3; $try++) {
        $found = $null
        if ([IO.File]::Exists($file)) { $found = [IO.File]::ReadAllText($file).Trim() }
        if ($null -ne $found -and $ask.instead_of -and $found -ceq $ask.instead_of) { Remove-Item -LiteralPath $file -Force; continue }
        if ($null -ne $found -and -not (Test-Mine $found)) { Send-Reply @{ is = 'held'; text = $found; err = $file } }
        if ($found -ceq $ask.claim) { return '' }
        try {
            [IO.File]::WriteAllText($mine, $ask.claim)
            if ($null -ne $found) { Remove-Item -LiteralPath $file -Force }
            [IO.File]::Move($mine, $file)
            return ''
        } catch {
            Remove-Item -LiteralPath $mine -ErrorAction SilentlyContinue
            if ($null -ne $found) { return '' }
            if (-not [IO.File]::Exists($file)) { return [string] $_ }
        }
    }
    return "$file changes hands"
}
