"up since $((Get-CimInstance Win32_OperatingSystem).LastBootUpTime.ToString('s'))"
