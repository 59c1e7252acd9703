Set-RestartMark $false
