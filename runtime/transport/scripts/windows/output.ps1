# What a job has printed, and how it ended.
$utf8 = New-Object Text.UTF8Encoding $false, $true

function Read-Bytes($path, $from, $max) {
    if (-not [IO.File]::Exists($path)) { return ,(New-Object byte[] 0) }
    $file = [IO.File]::Open($path, 'Open', 'Read', 'ReadWrite, Delete')
    try {
        if ($from -eq 'End' -and $file.Length -gt $max) { $null = $file.Seek(-$max, 'End') }
        $bytes = New-Object byte[] ([Math]::Min($max, $file.Length - $file.Position))
        $count = 0
        while ($count -lt $bytes.Length) {
            $more = $file.Read($bytes, $count, $bytes.Length - $count)
            if ($more -le 0) { break }
            $count += $more
        }
        if ($count -lt $bytes.Length) { [Array]::Resize([ref] $bytes, $count) }
        return ,$bytes
    } finally { $file.Dispose() }
}
# UTF-8 if it is, else the code page of the console's programs.
function ConvertTo-Words($bytes) {
    try { return $utf8.GetString($bytes) } catch {
        $page = [Globalization.CultureInfo]::CurrentCulture.TextInfo.OEMCodePage
        return [Text.Encoding]::GetEncoding($page).GetString($bytes)
    }
}
function Read-Output($name, $max) { ConvertTo-Words (Read-Bytes (Join-Path $dir $name) 'End' $max) }
function Get-Size($path) { if ([IO.File]::Exists($path)) { (New-Object IO.FileInfo $path).Length } else { 0 } }

# Head and tail of an output, and how many bytes are between them. The cut goes through no line.
function Read-Recorded($name) {
    $path = Join-Path $dir $name
    $gone = [long] 0
    if ([IO.File]::Exists("$path.gone")) { $gone = [long] [IO.File]::ReadAllText("$path.gone") }
    $size = Get-Size $path
    if ($gone -eq 0 -and $size -le $ask.max) { return @{ head = (ConvertTo-Words (Read-Bytes $path 'Begin' $ask.max)); tail = ''; between = 0 } }
    $head = Read-Bytes $(if ($gone) { "$path.head" } else { $path }) 'Begin' $ask.ends
    $tail = Read-Bytes $path 'End' $ask.ends
    if ($gone -and $tail.Length -lt $ask.ends) { $tail = [byte[]] ((Read-Bytes "$path.tail" 'End' ($ask.ends - $tail.Length)) + $tail) }
    $between = [Math]::Max(0, $gone + $size - $head.Length - $tail.Length)
    return @{ head = (ConvertTo-Words $head); tail = (ConvertTo-Words $tail); between = $between }
}

# The reply that tells of the end. A runner that could not begin its command says why in `failed`.
function Get-End($status) {
    $out = Read-Recorded 'out'
    $err = Read-Recorded 'err'
    if ([IO.File]::Exists((Join-Path $dir 'failed'))) { $err.tail += [IO.File]::ReadAllText((Join-Path $dir 'failed')) }
    return @{ is = 'ended'; status = $status; out = $out.head; out_tail = $out.tail; out_between = $out.between
        err = $err.head; err_tail = $err.tail; err_between = $err.between }
}
