$open = Get-Program 'mmc.exe' $ConsoleProgram
@{
    session = if ((Get-Mark ConsolesClosed) -and -not $open) { 'closed' } else { 'allowed' }
    version = Get-InstalledVersion $ConsoleProduct Console
} | ConvertTo-Json
