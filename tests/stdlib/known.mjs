// What Windows PowerShell 5.1 has, what the scripts bring about, and what says so.

// Commands of Windows PowerShell 5.1 and of the modules that every Windows Server 2016 and later has.
export const commands = new Set(`Add-Content Copy-Item ConvertFrom-Json ConvertTo-Json Disable-ScheduledTask Enable-ScheduledTask ForEach-Object
  Get-ChildItem Get-CimInstance Get-Command Get-Content Get-Date Get-FileHash Get-Item Get-ItemProperty Get-ScheduledTask Get-Service Get-WinEvent
  Group-Object Import-Module Join-Path Measure-Object Move-Item New-Item New-Object Out-Null Remove-Item Remove-ItemProperty Select-Object
  Select-String Set-Content Set-ItemProperty Set-Service Sort-Object Split-Path Start-Process Start-Service Start-Sleep Stop-Process Stop-Service
  Test-NetConnection Test-Path Where-Object`.split(/\s+/));
export const programs = new Set(["shutdown.exe", "sqlcmd.exe"]);
// From the vendor's list of cmdlets of its SDK (Citrix.PVS.SnapIn).
export const sdk = new Set(`Get-PvsDeviceInfo Get-PvsDiskInfo Get-PvsFarm Get-PvsLocalServer Get-PvsServer Get-PvsServerBootstrap
  Get-PvsServerBootstrapName Get-PvsServerStatus Get-PvsVersion Invoke-PvsRebalanceDevices Set-PvsConnection Start-PvsDeviceBoot
  Start-PvsDeviceReboot`.split(/\s+/));
export const automatic = new Set(["_", "true", "false", "null", "PID", "LASTEXITCODE", "Matches", "args", "input"]);

// What came after 5.1: commands are not in the list above; parameters and operators are.
export const laterParameters = new Set(["-Parallel", "-ThrottleLimit", "-AsHashtable", "-AsByteStream", "-SkipCertificateCheck", "-AsArray", "-EnumsAsStrings",
  "-NoEmphasis", "-RetryIntervalSec", "-MaximumRetryCount", "-AsUTC", "-UFormatUTC", "-LeafBase"]);
export const laterTokens = new Set(["&&", "||", "??", "??=", "?.", "?["]);

// What scripts do by functions of the library that change something: a key for each, made of what they are given.
const first = (given) => given[0];
const changes = {
  "Set-Mark": (given) => ({key: `mark ${first(given)}`, value: given[1]}),
  "Remove-Mark": (given) => ({key: `mark ${first(given)}`, value: "none"}),
  "Stop-KnownService": (given) => ({key: `service ${first(given)}`, value: "stopped"}),
  "Start-KnownService": (given) => ({key: `service ${first(given)}`, value: "running"}),
  "Install-Setup": () => ({key: "product", value: "installed"}),
  "Invoke-Installer": () => ({key: "product", value: "installed"}),
  "Remove-Product": (given) => ({key: `product ${first(given)}`, value: "0"}),
  "Set-Schema": (given) => ({key: "schema", value: given[1]}),
  "Request-Restart": () => ({key: "host", value: "restarted"}),
  "Stop-Program": () => ({key: "program", value: "ended"}),
  "Backup-Database": () => ({key: "backup", value: "written"}),
  "Restore-Database": () => ({key: "contents", value: "restored"}),
  "Invoke-SqlFile": () => ({key: "contents", value: "upgraded"}),
  "Invoke-Wizard": () => ({key: "configuration", value: "written"}),
  "Set-Value": () => ({key: "registry", value: "set"}),
  "Restore-Value": () => ({key: "registry", value: "restored"}),
  "Set-Service": (given) => ({key: `startup ${first(given) ?? ""}`.trim(), value: "set"}),
  "Disable-ScheduledTask": () => ({key: "task", value: "never"}),
  "Enable-ScheduledTask": () => ({key: "task", value: "when-due"}),
  "Copy-Item": () => ({key: "file", value: "written"}),
  "Move-Item": () => ({key: "file", value: "written"}),
  "Remove-Item": () => ({key: "file", value: "none"}),
  "Invoke-PvsRebalanceDevices": () => ({key: "targets", value: "moved"}),
  "Start-PvsDeviceReboot": () => ({key: "targets", value: "restarted"}),
  "Start-PvsDeviceBoot": () => ({key: "targets", value: "restarted"}),
};
export const changeOf = (name, given) => changes[name]?.(given);
// Commands that change something and stand in functions above only: anywhere else they would change it past this table.
export const onlyIn = {
  "Set-ItemProperty": ["Set-Mark", "Set-Value", "Restore-Value"],
  "Remove-ItemProperty": ["Remove-Mark", "Restore-Value"],
  "New-Item": ["Set-Mark", "Set-Value", "Get-LogFile"],
  "Stop-Service": ["Stop-KnownService"],
  "Start-Service": ["Start-KnownService"],
  "Stop-Process": ["Stop-Program"],
  "Set-Content": ["Invoke-Wizard"],
  "shutdown.exe": ["Request-Restart"],
  "sqlcmd.exe": ["Invoke-SqlFile"],
  // The wizard, and the driver that an installation may leave out.
  "Start-Process": ["Invoke-Installer", "Invoke-Wizard", "Install-Server"],
};

// For each state of each kind: what brings it about, by key, and what its observation reads it from.
export const states = {
  "windows.host": {restart: {by: /^host$/, seen: ["Test-PendingRestart"]}},
  "windows.service": {
    status: {by: /^service /, seen: ["Get-Service"]},
    startup: {by: /^startup/, seen: ["Get-Service"]},
  },
  "windows.product": {version: {by: /^product/, seen: ["Get-Product"]}},
  "windows.task": {runs: {by: /^task$/, seen: ["Get-ScheduledTask"]}},
  "sqlserver.database": {schema: {by: /^schema$/, seen: ["Get-Schema"]}},
  "pvs.server": {
    version: {by: /^mark Installed$|^product \$ServerProduct$/, seen: ["Get-Product", "mark Installed", "mark InstalledAs"]},
    configured: {by: /^mark Configured$/, seen: ["mark Configured"]},
    stream: {by: /^service (StreamService|\$Services|\$automatic\.Name)$/, seen: ["Get-Service"]},
    ready: {by: /^mark Ready$/, seen: ["mark Ready"]},
    restart: {by: /^mark Restart$/, seen: ["mark Restart"]},
  },
  "pvs.console": {
    version: {by: /^mark Console$|^product \$ConsoleProduct$/, seen: ["Get-Product", "mark Console", "mark ConsoleAs"]},
    session: {by: /^mark ConsolesClosed$/, seen: ["Get-Program", "mark ConsolesClosed"]},
  },
};

// What changes and is no state of the model, with the reason.
export const besides = [
  [/^mark (InstalledAs|ConsoleAs|ServerConsole|ServerConsoleAs)$/, "says what the mark of a version was left for"],
  [/^mark RestartedFor$/, "a restart for a prerequisite happens once for each installer"],
  [/^mark HostRestart$/, "the script finds it after the restart that ended it"],
  [/^product( \$ConsoleProduct)?$/, "an installer runs: the version is what it leaves, by its mark; a server has the console, too"],
  [/^program$/, "a console that is open keeps its files from being replaced"],
  [/^startup\b/, "the Stream Service stays down when the host comes up, until it is started"],
  [/^host$/, "a host that was restarted is as it was"],
  [/^contents$/, "what a database holds; its version is the schema"],
  [/^configuration$/, "the wizard; that it ran is the mark"],
  [/^backup$/, "a file"],
  [/^registry$/, "a value that no kind has"],
  [/^file$/, "a file that no kind has, or a temporary one"],
  [/^targets$/, "where target devices stream from is no state"],
];
