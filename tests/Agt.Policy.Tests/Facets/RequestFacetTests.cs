using Agt.Policy.Facets.Http;
using Agt.Policy.Facets.Kubernetes;

namespace Agt.Policy.Tests.Facets;

public class RequestFacetTests
{
    [Theory]
    [Requirement("POL-250")]
    [InlineData("GET", "/api/v1/namespaces/prod/pods", "list", "pods", "prod", "", "")]
    [InlineData("GET", "/api/v1/namespaces/prod/pods/web-1", "get", "pods", "prod", "web-1", "")]
    [InlineData("get", "/api/v1/namespaces/prod/pods/web-1/log?follow=true", "get", "pods", "prod", "web-1", "log")]
    [InlineData("POST", "/api/v1/namespaces/prod/pods/web-1/exec?command=sh", "create", "pods", "prod", "web-1", "exec")]
    [InlineData("DELETE", "/api/v1/namespaces/prod/pods", "deletecollection", "pods", "prod", "", "")]
    [InlineData("DELETE", "/apis/apps/v1/namespaces/prod/deployments/web", "delete", "deployments", "prod", "web", "")]
    [InlineData("PATCH", "/apis/apps/v1/namespaces/prod/deployments/web/scale", "patch", "deployments", "prod", "web", "scale")]
    [InlineData("PUT", "/api/v1/nodes/n1/status", "update", "nodes", "", "n1", "status")]
    [InlineData("GET", "/api/v1/namespaces", "list", "namespaces", "", "", "")]
    [InlineData("DELETE", "/api/v1/namespaces/prod", "delete", "namespaces", "prod", "prod", "")]
    [InlineData("PUT", "/api/v1/namespaces/prod/finalize", "update", "namespaces", "prod", "prod", "finalize")]
    [InlineData("GET", "/api/v1/pods?watch=true", "watch", "pods", "", "", "")]
    [InlineData("GET", "/api/v1/pods?w%61tch=1", "watch", "pods", "", "", "")]
    [InlineData("GET", "/api/v1/pods?watch=false", "list", "pods", "", "", "")]
    [InlineData("GET", "/api/v1/watch/namespaces/prod/pods", "watch", "pods", "prod", "", "")]
    [InlineData("GET", "https://cluster:6443/api/v1/secrets", "list", "secrets", "", "", "")]
    [InlineData("GET", "/healthz", "get", "", "", "", "")]
    [InlineData("GET", "/api/v1/namespaces/pr%6Fd/secrets", "list", "secrets", "prod", "", "")]
    [InlineData("GET", "/api/v1/namespaces/x/../prod/secrets", "UNKNOWN", "", "", "", "")]
    [InlineData("GET", "/api/v1/namespaces/x/%2e%2e/prod/secrets", "UNKNOWN", "", "", "", "")]
    [InlineData("GET", "/api/v1/namespaces/a%2Fb/secrets", "UNKNOWN", "", "", "", "")]
    [InlineData("GET", "//api/v1//secrets", "UNKNOWN", "", "", "", "")]
    [InlineData("BREW", "/api/v1/pods", "UNKNOWN", "pods", "", "", "")]
    public void A_request_to_kubernetes_shows_what_it_asks_for(string method, string path, string verb, string resource, string space, string name, string subresource)
    {
        KubernetesFacts facts = KubernetesFacts.Of(method, path);
        Assert.Equal((verb, resource, space, name, subresource), (facts.Verb, facts.Resource, facts.Namespace, facts.Name, facts.Subresource));
    }

    [Theory]
    [InlineData("https://Example.COM./a%2Fb?x=1", "https", "example.com", 443, false, false)]
    [InlineData("http://127.0.0.1:8080/", "http", "127.0.0.1", 8080, true, true)]
    [InlineData("http://2130706433/", "http", "127.0.0.1", 80, true, true)]
    [InlineData("http://0x7f.1/", "http", "127.0.0.1", 80, true, true)]
    [InlineData("http://0177.0.0.1/", "http", "127.0.0.1", 80, true, true)]
    [InlineData("http://[::1]/", "http", "::1", 80, true, true)]
    [InlineData("http://[::ffff:169.254.169.254]/latest", "http", "::ffff:169.254.169.254", 80, true, true)]
    [InlineData("http://[64:ff9b::10.0.0.1]/", "http", "64:ff9b::a00:1", 80, true, true)]
    [InlineData("http://169.254.169.254/latest", "http", "169.254.169.254", 80, true, true)]
    [InlineData("http://localhost/", "http", "localhost", 80, false, true)]
    [InlineData("http://db/", "http", "db", 80, false, true)]
    [InlineData("http://metadata.google.internal/", "http", "metadata.google.internal", 80, false, true)]
    [InlineData("https://93.184.216.34/", "https", "93.184.216.34", 443, true, false)]
    [InlineData("https://b\u00fccher.example/", "https", "xn--bcher-kva.example", 443, false, false)]
    [InlineData("https://evil.example\\@good.example/", "UNKNOWN", "UNKNOWN", 0, false, false)]
    [InlineData("ht\ttp://x/", "UNKNOWN", "UNKNOWN", 0, false, false)]
    [InlineData("/relative", "UNKNOWN", "UNKNOWN", 0, false, false)]
    [InlineData("http://", "UNKNOWN", "UNKNOWN", 0, false, false)]
    public void An_address_shows_where_it_leads(string url, string scheme, string host, long port, bool isAddress, bool isInternal)
    {
        HttpFacts facts = HttpFacts.Of("post", url);
        Assert.Equal((scheme, host, port, isAddress, isInternal), (facts.Scheme, facts.Host, facts.Port, facts.IsAddress, facts.IsInternal));
        Assert.Equal("POST", facts.Method);
    }

    [Fact]
    public void A_name_before_the_host_is_noticed() => Assert.True(HttpFacts.Of(null, "https://good.example@evil.example/") is { HasUser: true, Host: "evil.example", Method: "GET" });
}
