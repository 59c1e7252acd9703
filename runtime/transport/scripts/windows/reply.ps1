# Answers, and ends the question.
function Send-Reply($reply) {
    $json = $reply | ConvertTo-Json -Compress
    [Console]::Out.WriteLine('pvsplan ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($json)))
    exit 0
}
