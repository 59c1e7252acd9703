# Who may use what pvsplan makes on a host, and whose work it trusts.

# A folder that its maker, administrators and the system alone may use, or where all accounts may leave files of their own.
function New-Folder($path, [switch] $forAll) {
    if ([IO.Directory]::Exists($path)) { return }
    $acl = New-Object Security.AccessControl.DirectorySecurity
    $acl.SetAccessRuleProtection($true, $false)
    $allow = { param($who, $what) $acl.AddAccessRule((New-Object Security.AccessControl.FileSystemAccessRule $who, $what, 'ContainerInherit, ObjectInherit', 'None', 'Allow')) }
    $administrators = New-Object Security.Principal.SecurityIdentifier 'S-1-5-32-544'
    $me = [Security.Principal.WindowsIdentity]::GetCurrent()
    if ((New-Object Security.Principal.WindowsPrincipal $me).IsInRole($administrators)) { $acl.SetOwner($administrators) }
    foreach ($sid in 'S-1-5-18', 'S-1-5-32-544') { & $allow (New-Object Security.Principal.SecurityIdentifier $sid) 'FullControl' }
    if ($forAll) {
        & $allow (New-Object Security.Principal.SecurityIdentifier 'S-1-3-0') 'FullControl'
        & $allow (New-Object Security.Principal.SecurityIdentifier 'S-1-5-11') 'ReadAndExecute, CreateFiles, CreateDirectories'
    } else {
        & $allow $me.User 'FullControl'
    }
    $null = [IO.Directory]::CreateDirectory($path, $acl)
}
function Get-Account { [Security.Principal.WindowsIdentity]::GetCurrent().User.Value }
function Get-Owner($path) { (Get-Acl -LiteralPath $path).GetOwner([Security.Principal.SecurityIdentifier]).Value }
function Test-Trusted($owner) { $owner -in (Get-Account), 'S-1-5-18', 'S-1-5-32-544' }
function Test-Owner($path) {
    $owner = Get-Owner $path
    if (-not (Test-Trusted $owner)) { Send-Reply @{ is = 'refused'; text = "$path belongs to $owner, and what others wrote is not trusted" } }
}
