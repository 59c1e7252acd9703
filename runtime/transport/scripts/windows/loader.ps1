# The count comes first: of input that did not arrive whole nothing is run.
$ProgressPreference = 'SilentlyContinue'
$count, $text = [Console]::In.ReadToEnd().Trim().Split(' ')
if ($text.Length -ne [int] $count) { exit 99 }
. ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text))))
