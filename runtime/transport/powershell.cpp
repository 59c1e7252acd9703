#include "runtime/transport/powershell.hpp"

#include <cstdint>

#include "compiler/base/utf8.hpp"
#include "compiler/program/json_text.hpp"

namespace pvsplan::transport {

std::string base64(std::string_view bytes) {
    static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    result.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto at = [&](std::size_t k) {
            return i + k < bytes.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i + k])) : 0U;
        };
        const std::uint32_t three = at(0) << 16U | at(1) << 8U | at(2);
        result += digits[three >> 18U];
        result += digits[three >> 12U & 63U];
        result += i + 1 < bytes.size() ? digits[three >> 6U & 63U] : '=';
        result += i + 2 < bytes.size() ? digits[three & 63U] : '=';
    }
    return result;
}

namespace {}  // namespace

// PowerShell takes an encoded command in this form alone.
std::string utf16le(std::string_view utf8) {
    std::string result;
    result.reserve(utf8.size() * 2);
    const auto put = [&result](char32_t unit) {
        result += static_cast<char>(unit & 0xffU);
        result += static_cast<char>(unit >> 8U & 0xffU);
    };
    for (std::size_t at = 0; at < utf8.size();) {
        const base::Utf8Character one = base::utf8_at(utf8, at);
        const char32_t point = one.is_valid ? one.point : U'\xFFFD';
        at += one.size;
        if (point < 0x10000) {
            put(point);
        } else {
            put(0xd800 + ((point - 0x10000) >> 10U));
            put(0xdc00 + ((point - 0x10000) & 0x3ffU));
        }
    }
    return result;
}

// In base64, which has no sign that PowerShell would take for one of its own.
std::string powershell_secrets(const std::map<std::string, std::string>& secrets) {
    std::string json = "{";
    for (const auto& [name, value] : secrets) {
        if (json.size() > 1) json += ',';
        program::write_json_string(json, name);
        json += ':';
        program::write_json_string(json, value);
    }
    return base64(json + "}");
}

// Windows PowerShell 5 and later. ConvertFrom-Json is given one string; a member is read by its name as written.
std::string powershell_file(std::string_view script, std::string_view data_json) {
    std::string text = R"ps($ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
try { [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false } catch { }
$OutputEncoding = New-Object System.Text.UTF8Encoding $false
function Read-PvsplanText([string] $base64) { [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($base64)) }
$PvsplanData = Read-PvsplanText ')ps";
    text += base64(data_json.empty() ? "{}" : data_json);
    text += R"ps(' | ConvertFrom-Json
$With = $PvsplanData.With
$On = $PvsplanData.On
$Before = $PvsplanData.Before
$Secret = $null
if ($env:PVSPLAN_SECRET_JSON) { $Secret = Read-PvsplanText $env:PVSPLAN_SECRET_JSON | ConvertFrom-Json }
$env:PVSPLAN_SECRET_JSON = $null
Remove-Variable PvsplanData
$global:LASTEXITCODE = 0
. ([ScriptBlock]::Create((Read-PvsplanText ')ps";
    text += base64(script);
    text += R"ps(')))
exit $global:LASTEXITCODE
)ps";
    return text;
}

}  // namespace pvsplan::transport
