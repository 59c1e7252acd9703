# SQL Server without a module: System.Data.SqlClient is part of Windows. Names go into statements in brackets, values never do.
function Open-Database([string] $Instance, [string] $Database) {
    $to = New-Object System.Data.SqlClient.SqlConnectionStringBuilder
    $to['Data Source'] = $Instance
    $to['Initial Catalog'] = $Database
    $to['Integrated Security'] = $true
    $to['Connect Timeout'] = 30
    # A connection that is closed is gone: one in a pool would still use the database.
    $to['Pooling'] = $false
    $connection = New-Object System.Data.SqlClient.SqlConnection $to.ConnectionString
    $connection.Open()
    $connection
}

function New-Statement($Connection, [string] $Text, [hashtable] $Values) {
    $command = $Connection.CreateCommand()
    $command.CommandText = $Text
    $command.CommandTimeout = 0
    foreach ($name in @($Values.Keys)) { [void]$command.Parameters.AddWithValue("@$name", $Values[$name]) }
    $command
}

function Invoke-Statement($Connection, [string] $Text, [hashtable] $Values = @{}) {
    [void](New-Statement $Connection $Text $Values).ExecuteNonQuery()
}

# The first column of the first row; the named column where one is named. $null where there is no row.
function Read-Statement($Connection, [string] $Text, [hashtable] $Values = @{}, [string] $Column) {
    $reader = (New-Statement $Connection $Text $Values).ExecuteReader()
    $found = $null
    if ($reader.Read()) { $found = if ($Column) { $reader[$Column] } else { $reader[0] } }
    $reader.Close()
    if ($found -isnot [DBNull]) { $found }
}

function Get-QuotedName([string] $Name) { '[' + $Name.Replace(']', ']]') + ']' }

# The version that the contents were last upgraded for is an extended property of the database itself, so that a restored
# backup brings the old one back with it. It is 0 while an upgrade is under way.
function Get-Schema($Connection) {
    Read-Statement $Connection "SELECT CAST(value AS nvarchar(64)) FROM sys.extended_properties WHERE class = 0 AND name = N'pvsplan.schema'"
}

function Set-Schema($Connection, [string] $Version) {
    Invoke-Statement $Connection "IF EXISTS (SELECT 1 FROM sys.extended_properties WHERE class = 0 AND name = N'pvsplan.schema') EXEC sys.sp_dropextendedproperty @name = N'pvsplan.schema'"
    Invoke-Statement $Connection "EXEC sys.sp_addextendedproperty @name = N'pvsplan.schema', @value = @version" @{ version = $Version }
}

# Why SQL Server would refuse a restore (message 3104): texts, none where it would not.
function Get-RestoreFault($Master, [string] $Database) {
    if (Read-Statement $Master 'SELECT 1 FROM sys.databases WHERE name = @name AND replica_id IS NOT NULL' @{ name = $Database }) {
        'the database is in an availability group: a restore is refused until it is taken out (ALTER AVAILABILITY GROUP … REMOVE DATABASE)'
    }
    if (Read-Statement $Master 'SELECT 1 FROM sys.database_mirroring WHERE database_id = DB_ID(@name) AND mirroring_guid IS NOT NULL' @{ name = $Database }) {
        'the database is mirrored: a restore is refused until that ends (ALTER DATABASE … SET PARTNER OFF)'
    }
}

# With a checksum, read again, beside the log chain of whoever else backs the database up.
function Backup-Database([string] $Instance, [string] $Database, [string] $File) {
    $master = Open-Database $Instance 'master'
    $name = Get-QuotedName $Database
    Invoke-Statement $master "BACKUP DATABASE $name TO DISK = @file WITH COPY_ONLY, CHECKSUM, INIT, FORMAT" @{ file = $File }
    Test-Backup $master $Database $File
    $master.Close()
}

# What is not a readable backup of this database, or is refused, is found before anybody is thrown out of it.
function Restore-Database([string] $Instance, [string] $Database, [string] $File) {
    $master = Open-Database $Instance 'master'
    $name = Get-QuotedName $Database
    $faults = @(Get-RestoreFault $master $Database)
    if ($faults) { throw ($faults -join '; ') }
    Test-Backup $master $Database $File
    Wait-Unused $master $Database
    Invoke-Statement $master "ALTER DATABASE $name SET SINGLE_USER WITH ROLLBACK IMMEDIATE"
    try {
        Invoke-Statement $master "RESTORE DATABASE $name FROM DISK = @file WITH REPLACE, RECOVERY, CHECKSUM" @{ file = $File }
    } catch {
        # Where it was refused the database is as it was, and must be reached again.
        try { Invoke-Statement $master "ALTER DATABASE $name SET MULTI_USER" } catch { }
        throw
    }
    Invoke-Statement $master "ALTER DATABASE $name SET MULTI_USER"
    $master.Close()
}

# Whoever is connected is told, not thrown out: the product that uses the database should have been stopped. An account that may
# not see the sessions of others (VIEW SERVER STATE) sees none here.
function Wait-Unused($Master, [string] $Database) {
    for ($try = 0; $try -lt 18; $try++) {
        $who = Read-Statement $Master "SELECT TOP (1) ISNULL(host_name, N'?') + N' (' + ISNULL(program_name, N'?') + N')' FROM sys.dm_exec_sessions WHERE database_id = DB_ID(@name) AND session_id <> @@SPID" @{ name = $Database }
        if (-not $who) { return }
        Start-Sleep -Seconds 10
    }
    throw "$Database is in use, by $who"
}

# sqlcmd, as the vendor of such scripts expects. -b: without it sqlcmd ends with 0 whatever the script did; -I: quoted
# identifiers; -x: no $(variables).
function Invoke-SqlFile([string] $Instance, [string] $Database, [string] $File) {
    sqlcmd.exe -S $Instance -d $Database -E -l 30 -b -I -x -i $File
    if ($LASTEXITCODE -ne 0) { [Console]::Error.WriteLine("sqlcmd ended with $LASTEXITCODE"); exit $LASTEXITCODE }
}

# An upgrade of the contents by a script. Half of it is no version of anything: until its end the version is 0.
function Update-Schema([string] $Instance, [string] $Database, [string] $File, [string] $Version) {
    if (-not (Get-Command sqlcmd.exe -ErrorAction SilentlyContinue)) { throw 'sqlcmd.exe is not on this host' }
    if (-not (Test-Path -LiteralPath $File)) { throw "$File is not there" }
    $connection = Open-Database $Instance $Database
    Set-Schema $connection '0'
    Invoke-SqlFile $Instance $Database $File
    Set-Schema $connection $Version
    $connection.Close()
}

# A backup says itself what it was upgraded for, unless nobody had upgraded it in this way before.
function Restore-Schema([string] $Instance, [string] $Database, [string] $File, [string] $Version) {
    Restore-Database $Instance $Database $File
    $connection = Open-Database $Instance $Database
    $is = Get-Schema $connection
    if ($is -and (Get-PlainVersion $is) -ne (Get-PlainVersion $Version)) { throw "the backup is of version $is, not $Version" }
    if (-not $is) { Set-Schema $connection $Version }
    $connection.Close()
}

# Whether a file is a backup of this database; what can be read of it is read again.
function Test-Backup($Master, [string] $Database, [string] $File) {
    $of = Read-Statement $Master 'RESTORE HEADERONLY FROM DISK = @file' @{ file = $File } 'DatabaseName'
    if ($of -ne $Database) { throw "$File is a backup of '$of', not of $Database" }
    Invoke-Statement $Master 'RESTORE VERIFYONLY FROM DISK = @file WITH CHECKSUM' @{ file = $File }
}

# Why this account could not back the database up, change it and restore it: texts, none where it could.
function Get-DatabaseFault($Connection, [string] $Database) {
    Get-RestoreFault $Connection $Database
    if ((Read-Statement $Connection "SELECT ISNULL(IS_ROLEMEMBER(N'db_owner'), 0)") -ne 1) { 'this account is not db_owner of the database' }
    if ((Read-Statement $Connection "SELECT HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW ANY DEFINITION')") -ne 1) { 'this account has no VIEW ANY DEFINITION' }
}

# 13 is SQL Server 2016.
function Get-ServerRelease($Connection) { Read-Statement $Connection "SELECT CAST(SERVERPROPERTY('ProductMajorVersion') AS int)" }
